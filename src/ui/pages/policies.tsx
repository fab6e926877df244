import { Stack, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { Policy } from '../../edge/serve/contract.js';
import { DecisionDialog } from '../components/decision-dialog.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { Nothing, Page } from '../components/page.js';
import { PolicyCard } from '../components/policy-card.js';
import { DECISIONS, type Decision } from '../components/policy-decisions.js';
import { PullPanel } from '../components/pull-panel.js';
import { Said } from '../components/said.js';
import { PageLink } from '../components/text.js';
import { type PolicyState, usePolicies, usePolicy } from '../queries.js';

const ABOUT = 'What collectors do to spans before anybody stores them. Nothing reaches a collector unapproved.';

export function PoliciesPage() {
  const [params] = useSearchParams();
  const [asked, setAsked] = useState<{ policy: Policy; decision: Decision } | null>(null);
  const [said, setSaid] = useState('');
  const id = params.get('id');
  const ask = (policy: Policy, decision: Decision): void => setAsked({ policy, decision });
  const close = (decided: boolean): void => {
    setSaid(decided && asked !== null ? saidOf(asked) : '');
    setAsked(null);
  };
  return (
    <Page title="Policies" about={ABOUT}>
      <PullPanel />
      <div>
        <Said message={said} />
        {id === null ? <PolicyTabs onDecide={ask} /> : <OnePolicy id={id} onDecide={ask} />}
      </div>
      {asked !== null && <DecisionDialog {...asked} onClose={close} />}
    </Page>
  );
}

/** What was done, and when it shows. */
function saidOf({ policy, decision }: { policy: Policy; decision: Decision }): string {
  const shows = decision === 'reject' || decision === 'pause' ? '' : ' Collectors get the change with their next pull.';
  return `${DECISIONS[decision].done}: ${policy.title}.${shows}`;
}

interface Decidable {
  readonly onDecide: (policy: Policy, decision: Decision) => void;
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
    hint: 'A policy of your own begins with POST /api/v1/policies.',
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

function PolicyTabs({ onDecide }: Decidable) {
  const [params, setParams] = useSearchParams();
  const state = TAB_STATES.find((tab) => tab === params.get('state')) ?? 'suggested';
  return (
    <Tabs
      value={state}
      onChange={(value) => setParams(value === null || value === 'suggested' ? {} : { state: value })}
    >
      <Tabs.List mb="md" aria-label="State of the policies">
        {TAB_STATES.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {TABS[tab].title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={state}>
        <PolicyList key={state} state={state} onDecide={onDecide} />
      </Tabs.Panel>
    </Tabs>
  );
}

function PolicyList({ state, onDecide }: Decidable & { state: TabState }) {
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
              <PolicyCard key={`${policy.id} ${policy.version}`} policy={policy} onDecide={onDecide} />
            ))}
            <LoadMore query={policies} shown={rows.length} noun={`${word} policy`} nouns={`${word} policies`} />
          </Stack>
        )
      }
    </Loaded>
  );
}

/** One policy that a link named. */
function OnePolicy({ id, onDecide }: Decidable & { id: string }) {
  const policy = usePolicy(id);
  return (
    <Stack gap="sm">
      <Text size="sm">
        <PageLink to="/policies">← All policies</PageLink>
      </Text>
      <Loaded query={policy} what="the policy">
        {(data) => <PolicyCard policy={data} onDecide={onDecide} isOpen />}
      </Loaded>
    </Stack>
  );
}
