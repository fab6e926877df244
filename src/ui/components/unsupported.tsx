import { WarningNote } from './note.js';

/** What the collector cannot carry out of a policy. */
export function Unsupported({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return <WarningNote title="The collector cannot carry this out">{reasons.join('; ')}</WarningNote>;
}
