import type { Finding } from '../../edge/serve/contract.js';
import { formatCount } from '../format.js';
import type { Column } from './data-table.js';
import styles from './finding-columns.module.css';
import { FindingStateText } from './finding-state.js';
import { Place, Service } from './places.js';
import { Severity } from './severity.js';
import { CodeForm, Name, PageLink, Tag, Time } from './text.js';

export const KIND_NAMES: Readonly<Record<Finding['kind'], string>> = {
  secret: 'Secret',
  pii: 'Personal data',
  'sensitive-key': 'Sensitive attribute',
  naming: 'Naming',
  cardinality: 'Cardinality',
};

/** How a list shows findings. */
export const FINDING_COLUMNS: readonly Column<Finding>[] = [
  { header: 'Severity, state', className: styles.state, cell: (finding) => <SeverityAndState finding={finding} /> },
  { header: 'What', rowHeader: true, className: styles.what, cell: (finding) => <What finding={finding} /> },
  {
    header: 'Service',
    className: styles.service,
    cell: ({ service, environment }) => <Service service={service} environment={environment} />,
  },
  {
    header: 'Where',
    className: styles.where,
    cell: ({ location, key, component }) => <Place location={location} attributeKey={key} component={component} />,
  },
  { header: 'Mask', className: styles.mask, cell: ({ mask }) => <Mask mask={mask} /> },
  { header: 'Seen', numeric: true, cell: (finding) => <Occurrences finding={finding} /> },
  { header: 'First, last seen', cell: ({ first_seen, last_seen }) => <Seen first={first_seen} last={last_seen} /> },
  { header: 'Team', className: styles.team, cell: ({ team }) => <Name>{team}</Name> },
];

function SeverityAndState({ finding }: { finding: Finding }) {
  return (
    <>
      <Severity level={finding.severity} />
      <br />
      <FindingStateText finding={finding} />
    </>
  );
}

/** How often it was seen, and about how often it occurred where spans were sampled. */
function Occurrences({ finding: { occurrences, estimated } }: { finding: Finding }) {
  const all = estimated === null ? occurrences : Math.round(estimated.value);
  return (
    <>
      {formatCount(occurrences)}
      {all !== occurrences && (
        <>
          <br />
          <small>≈ {formatCount(all)} in all</small>
        </>
      )}
    </>
  );
}

function Seen({ first, last }: { first: string; last: string }) {
  return (
    <>
      <Time iso={first} />
      <br />
      <Time iso={last} />
    </>
  );
}

function What({ finding }: { finding: Finding }) {
  return (
    <>
      <PageLink to={`/findings/${finding.id}`}>{finding.detector.name}</PageLink>
      <br />
      <small>{KIND_NAMES[finding.kind]}</small> {finding.confidence === 'other' && <Unsure />}
    </>
  );
}

/** Marks what only may be a finding. */
function Unsure() {
  return <Tag>needs a look</Tag>;
}

/** The form of what was found; naming findings have none. */
export function Mask({ mask }: { mask: string }) {
  return mask === '' ? '–' : <CodeForm>{mask}</CodeForm>;
}
