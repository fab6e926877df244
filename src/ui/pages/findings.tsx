import { Anchor, Button, Group } from '@mantine/core';
import { useState } from 'react';
import { addressOf } from '../api.js';
import { FilterBar, useUrlFilters } from '../components/filters.js';
import { FILTER_NAMES, useFindingFilters, useFindingQuery } from '../components/finding-filters.js';
import { FindingList } from '../components/finding-list.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { NoFindings } from '../components/overview-findings.js';
import { Nothing, Page } from '../components/page.js';
import { Said } from '../components/said.js';
import { PageLink } from '../components/text.js';
import { useFindings, useStatus } from '../queries.js';

const ABOUT =
  'Secrets, personal data and names that break the conventions. Decide on each: acknowledge it, or resolve it and say why.';

export function FindingsPage() {
  const filters = useUrlFilters(FILTER_NAMES);
  const query = useFindingQuery(filters.values);
  const [said, setSaid] = useState('');
  const findings = useFindings(query);
  return (
    <Page
      title="Findings"
      about={ABOUT}
      actions={
        <Anchor href={addressOf('/findings.csv', query)} size="sm" download>
          Download as CSV
        </Anchor>
      }
    >
      <FilterBar
        filters={useFindingFilters(filters.values)}
        search={{ name: 'q', label: 'Key or name' }}
        state={filters}
      />
      <Said message={said} />
      <Loaded query={findings} what="the findings" lines={12}>
        {(rows) =>
          rows.length === 0 ? (
            <NoRows isFiltered={filters.isSet} onClear={filters.clear} />
          ) : (
            <>
              <FindingList rows={rows} isStale={findings.isPlaceholderData} onDone={setSaid} />
              <LoadMore query={findings} shown={rows.length} noun="finding" />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function NoRows({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const status = useStatus();
  if (isFiltered) {
    return (
      <Nothing title="No finding matches these filters">
        <Group gap="xs" justify="center">
          Take one of them away, or begin again:
          <Button size="compact-sm" variant="default" onClick={onClear}>
            Show all that are not resolved
          </Button>
        </Group>
      </Nothing>
    );
  }
  if (status.data?.last_span_at === null) {
    return (
      <Nothing title="No spans have come in yet">
        <PageLink to="/">How to send some</PageLink>
      </Nothing>
    );
  }
  return (
    <Nothing title="No open findings">
      {status.data && <NoFindings status={status.data} />}
      What was resolved is kept: <PageLink to="/findings?state=resolved">resolved findings</PageLink>.
    </Nothing>
  );
}
