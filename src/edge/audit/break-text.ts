import type { Break } from './chain-check.js';

const TEXTS: Readonly<Record<Break['kind'], string>> = {
  missing: 'is missing, or not in its place',
  changed: 'is not what was recorded',
  unlinked: 'does not follow the one before it',
  cut: 'and what came after it was removed from the end; a checkpoint names a later one',
  replaced: 'is another than the checkpoint names',
};

/** A sentence for people. */
export function breakText({ seq, kind }: Break): string {
  return `event ${seq} ${TEXTS[kind]}`;
}
