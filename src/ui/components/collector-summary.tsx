import type { Collector, CollectorPage } from '../../edge/serve/contract.js';
import { formatCount } from '../format.js';
import { Figures } from './figures.js';
import type { Choice } from './filters.js';
import { labelsOf } from './labels.js';
import { PageLink } from './text.js';

/** How many there are, and how many of them are in order; each figure leads to its collectors. */
export function CollectorSummary({ page: { data, next_cursor } }: { page: CollectorPage }) {
  const count = (holds: (collector: Collector) => boolean): number => data.filter(holds).length;
  const toHave = count(({ wanted_hash: wanted }) => wanted !== '');
  const figure = (name: string, n: number, query: string, note?: string) => ({
    name,
    value: n === 0 ? '0' : <PageLink to={`/collectors?${query}`}>{formatCount(n)}</PageLink>,
    ...(note !== undefined && { note }),
  });
  const offline = count(({ online }) => !online);
  return (
    <Figures
      figures={[
        {
          name: 'Collectors',
          value: formatCount(data.length) + (next_cursor === null ? '' : ' and more'),
          note: offline === 0 ? 'all online' : `${formatCount(offline)} offline`,
        },
        {
          name: 'Up to date',
          value: formatCount(count(({ up_to_date }) => up_to_date)),
          note: `of ${formatCount(toHave)} that are to have policies`,
        },
        figure(
          'Failed',
          count(({ status }) => status === 'failed'),
          'status=failed',
          'could not take them',
        ),
        figure(
          'Drifted',
          count(({ drift }) => (drift ?? []).length > 0),
          'drifted=true',
          'run something else',
        ),
        figure(
          'Not healthy',
          count(({ health }) => health?.healthy === false),
          'healthy=false',
        ),
      ]}
    />
  );
}

/** Labels that collectors have, those of most of them first. */
export function labelChoices(collectors: readonly Collector[]): Choice[] {
  const counts = new Map<string, number>();
  for (const { labels } of collectors) {
    for (const label of labelsOf(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([label]) => ({ value: label, label }));
}
