import { Text, Title } from '@mantine/core';
import type { QualityIndicator, ServiceScore } from '../../edge/serve/contract.js';
import { type Column, DataTable } from '../components/data-table.js';
import { FilterBar, useUrlFilters } from '../components/filters.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { Nothing, Page } from '../components/page.js';
import { environmentOf, usePlaces } from '../components/places.js';
import { CodeName, Name, PageLink, Tag } from '../components/text.js';
import { formatCount } from '../format.js';
import { useQuality, useScores } from '../queries.js';

const NAMES = ['service', 'environment', 'verdict'] as const;
type Verdict = QualityIndicator['verdict'];

const VERDICTS: Readonly<Record<Verdict, { label: string; tone?: 'good' | 'warn' | 'bad' }>> = {
  fail: { label: '✕ fail', tone: 'bad' },
  insufficient_evidence: { label: '△ insufficient evidence', tone: 'warn' },
  pass: { label: '✓ pass', tone: 'good' },
  not_applicable: { label: 'not applicable' },
};
const VERDICT_CHOICES = Object.entries(VERDICTS).map(([value, { label }]) => ({ value, label }));

const COLUMNS: readonly Column<QualityIndicator>[] = [
  { header: 'Indicator', rowHeader: true, cell: ({ title }) => title },
  { header: 'Verdict', cell: ({ verdict }) => <VerdictTag verdict={verdict} /> },
  { header: 'Value', numeric: true, cell: ({ value, unit }) => formatValue(value, unit) },
  { header: 'Threshold', numeric: true, cell: ({ threshold, unit }) => formatThreshold(threshold, unit) },
  { header: 'Of', numeric: true, cell: ({ n, of }) => (n === 0 ? '' : `${formatCount(n)} ${of}`) },
  { header: 'What to do', cell: ({ verdict, reason, remedy }) => (verdict === 'fail' ? remedy : reason) },
];

const SCORE_COLUMNS: readonly Column<ServiceScore>[] = [
  { header: 'Service', rowHeader: true, cell: ({ service }) => <Name>{service}</Name> },
  { header: 'Team', cell: ({ team }) => <Name>{team}</Name> },
  { header: 'Instrumentation Score', numeric: true, cell: ({ instrumentation }) => formatScore(instrumentation.score) },
  { header: 'Category', cell: ({ instrumentation }) => instrumentation.category ?? '' },
  {
    header: 'Rules that fail',
    cell: ({ instrumentation: { rules } }) => {
      const failed = rules.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
      return failed.length === 0 ? '' : <CodeName>{failed.join(' ')}</CodeName>;
    },
  },
  { header: 'Governance score', numeric: true, cell: ({ governance }) => formatScore(governance.score) },
];

export function QualityPage() {
  const filters = useUrlFilters(NAMES);
  const { service, environment, verdict } = filters.values;
  const quality = useQuality({ service, environment: environmentOf(environment), verdict });
  const { services, environments } = usePlaces();
  const bar = [
    { name: 'service', label: 'Service', choices: services },
    { name: 'environment', label: 'Environment', choices: environments },
    { name: 'verdict', label: 'Verdict', choices: VERDICT_CHOICES },
  ];
  return (
    <Page title="Quality" about="What is wrong with traces, over the last 7 days.">
      <FilterBar filters={bar} state={filters} />
      <Loaded query={quality} what="the indicators" lines={12}>
        {(rows) =>
          rows.length === 0 ? <NoRows isFiltered={filters.isSet} /> : <Indicators rows={rows} query={quality} />
        }
      </Loaded>
      <Scores />
    </Page>
  );
}

function Indicators({ rows, query }: { rows: readonly QualityIndicator[]; query: ReturnType<typeof useQuality> }) {
  const order = Object.keys(VERDICTS);
  const sorted = [...rows].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return (
    <>
      <DataTable
        caption="Indicators"
        columns={COLUMNS}
        rows={sorted}
        keyOf={({ indicator }) => indicator}
        isStale={query.isPlaceholderData}
      />
      <LoadMore query={query} shown={rows.length} noun="indicator" />
    </>
  );
}

function Scores() {
  const scores = useScores();
  return (
    <Loaded query={scores} what="the scores" lines={4}>
      {(rows) =>
        rows.length === 0 ? null : (
          <>
            <Title order={2} size="h4">
              Scores
            </Title>
            <DataTable
              caption="Scores by service"
              columns={SCORE_COLUMNS}
              rows={rows}
              keyOf={({ service }) => service}
            />
            <LoadMore query={scores} shown={rows.length} noun="service" />
            <Text size="xs" c="dimmed">
              Over the last 30 days. Rules of the Instrumentation Score on metrics and logs are missing, so it may not
              be complete; the governance score is a score of our own.
            </Text>
          </>
        )
      }
    </Loaded>
  );
}

function NoRows({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Nothing title="No indicator matches these filters" />;
  return (
    <Nothing title="No traces in the last 7 days">
      <PageLink to="/">How to send some</PageLink>
    </Nothing>
  );
}

function VerdictTag({ verdict }: { verdict: Verdict }) {
  const { label, tone } = VERDICTS[verdict];
  return tone === undefined ? <Tag>{label}</Tag> : <Tag tone={tone}>{label}</Tag>;
}

function formatValue(value: number | null, unit: QualityIndicator['unit']): string {
  if (value === null) return '';
  if (unit === 'ratio') return `${(value * 100).toFixed(value > 0 && value < 0.001 ? 3 : 1)} %`;
  if (unit === 'ms') return value < 1_000 ? `${value.toFixed(1)} ms` : `${(value / 1_000).toFixed(1)} s`;
  return unit === 'currency' ? value.toPrecision(2) : formatCount(value);
}

function formatThreshold(threshold: QualityIndicator['threshold'], unit: QualityIndicator['unit']): string {
  if (threshold === null) return '';
  return 'most' in threshold ? `≤ ${formatValue(threshold.most, unit)}` : `≥ ${formatValue(threshold.least, unit)}`;
}

function formatScore(score: number | null): string {
  return score === null ? '–' : score.toFixed(0);
}
