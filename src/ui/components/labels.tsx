import { Name } from './text.js';

type Labels = Readonly<Record<string, string>>;

/** Labels as `name=value`, in the order of their names. */
export function labelsOf(labels: Labels): string[] {
  return Object.entries(labels)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `${name}=${value}`);
}

/** One label a line; what is said where there are none. */
export function LabelList({ labels, none = '–' }: { labels: Labels; none?: string }) {
  const lines = labelsOf(labels);
  if (lines.length === 0) return none;
  return lines.map((line) => (
    <div key={line}>
      <Name>{line}</Name>
    </div>
  ));
}
