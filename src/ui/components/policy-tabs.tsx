import { Stack, Tabs } from '@mantine/core';
import { useSearchParams } from 'wouter';
import { type PolicyState, usePolicies } from '../queries.js';
import { LoadMore } from './load-more.js';
import { Loaded } from './loaded.js';
import { Nothing } from './page.js';
import type { PolicyActions } from './policy-buttons.js';
import { PolicyCard } from './policy-card.js';
import { PolicySets } from './policy-sets.js';

interface Props {
  readonly actions: PolicyActions;
}

/** States that people look at, with what is said where there is none. */
const TABS = {
  suggested: {
    title: 'Suggested',
    none: 'No policy waits for approval',
    hint: 'Suggestions follow findings within seconds.',
  },
  draft: {
    title: 'Drafts',
    none: 'Nobody is writing a policy',
    hint: 'A policy of your own begins with “Write a policy”, or with a change of a suggestion.',
  },
  approved: {
    title: 'Rolling out',
    none: 'No policy is being rolled out',
    hint: 'An approved policy goes to the collectors stage by stage, until the data prove it.',
  },
  active: {
    title: 'Active',
    none: 'No policy is active yet',
    hint: 'A policy is active when all collectors have it and the data prove it.',
  },
  rolled_back: {
    title: 'Rolled back',
    none: 'No policy was rolled back',
    hint: 'A policy in force can be, at any time, from its card.',
  },
  rejected: {
    title: 'Rejected',
    none: 'No policy was rejected',
    hint: 'What is rejected is not suggested again as it is.',
  },
} as const satisfies Partial<Record<PolicyState, { title: string; none: string; hint: string }>>;
type TabState = keyof typeof TABS;
const TAB_STATES = Object.keys(TABS) as TabState[];
const SETS = 'sets';

/** Policies by their state, and the sets that they are in; the tab stands in the address. */
export function PolicyTabs({ actions }: Props) {
  const [params, setParams] = useSearchParams();
  const state = TAB_STATES.find((tab) => tab === params.get('state')) ?? 'suggested';
  const value = params.get('view') === SETS ? SETS : state;
  const show = (tab: string | null): void =>
    setParams(tab === SETS ? { view: SETS } : tab === null || tab === 'suggested' ? {} : { state: tab });
  return (
    <Tabs value={value} onChange={show} keepMounted={false}>
      <Tabs.List mb="md" aria-label="State of the policies">
        {TAB_STATES.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {TABS[tab].title}
          </Tabs.Tab>
        ))}
        <Tabs.Tab value={SETS}>Policy sets</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value={value}>
        {value === SETS ? <PolicySets /> : <PolicyList key={state} state={state} actions={actions} />}
      </Tabs.Panel>
    </Tabs>
  );
}

function PolicyList({ state, actions }: Props & { state: TabState }) {
  const policies = usePolicies(state);
  const word = TABS[state].title.toLowerCase().replace(/s$/, '');
  return (
    <Loaded query={policies} what="the policies" lines={8}>
      {(rows) =>
        rows.length === 0 ? (
          <Nothing title={TABS[state].none}>{TABS[state].hint}</Nothing>
        ) : (
          <Stack gap="sm">
            {rows.map((policy) => (
              <PolicyCard key={`${policy.id} ${policy.version}`} policy={policy} actions={actions} />
            ))}
            <LoadMore query={policies} shown={rows.length} noun={`${word} policy`} nouns={`${word} policies`} />
          </Stack>
        )
      }
    </Loaded>
  );
}
