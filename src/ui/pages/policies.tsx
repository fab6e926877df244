import { Stack, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { Policy } from '../../edge/serve/contract.js';
import { DecisionDialog } from '../components/decision-dialog.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { Nothing, Page } from '../components/page.js';
import { PolicyCard } from '../components/policy-card.js';
import { PullPanel } from '../components/pull-panel.js';
import { Said } from '../components/said.js';
import { PageLink } from '../components/text.js';
import { type PolicyState, usePolicies, usePolicy } from '../queries.js';

const ABOUT = 'What collectors do to spans before anybody stores them. Nothing reaches a collector unapproved.';

export function PoliciesPage() {
  const [params] = useSearchParams();
  const [asked, setAsked] = useState<Policy | null>(null);
  const [said, setSaid] = useState('');
  const id = params.get('id');
  const close = (decided: boolean): void => {
    const done = asked?.state === 'approved' ? 'Rolled back' : 'Approved';
    setSaid(decided ? `${done}: ${asked?.title}. Collectors get the change with their next pull.` : '');
    setAsked(null);
  };
  return (
    <Page title="Policies" about={ABOUT}>
      <PullPanel />
      <div>
        <Said message={said} />
        {id === null ? <PolicyTabs onDecide={setAsked} /> : <OnePolicy id={id} onDecide={setAsked} />}
      </div>
      {asked !== null && <DecisionDialog policy={asked} onClose={close} />}
    </Page>
  );
}

interface Decidable {
  readonly onDecide: (policy: Policy) => void;
}

/** States that people look at. */
const TABS: readonly PolicyState[] = ['suggested', 'approved', 'rolled_back'];

function PolicyTabs({ onDecide }: Decidable) {
  const [params, setParams] = useSearchParams();
  const state = TABS.find((tab) => tab === params.get('state')) ?? 'suggested';
  return (
    <Tabs
      value={state}
      onChange={(value) => setParams(value === null || value === 'suggested' ? {} : { state: value })}
    >
      <Tabs.List mb="md" aria-label="State of the policies">
        <Tabs.Tab value="suggested">Suggested</Tabs.Tab>
        <Tabs.Tab value="approved">Approved</Tabs.Tab>
        <Tabs.Tab value="rolled_back">Rolled back</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value={state}>
        <PolicyList key={state} state={state} onDecide={onDecide} />
      </Tabs.Panel>
    </Tabs>
  );
}

function PolicyList({ state, onDecide }: Decidable & { state: PolicyState }) {
  const policies = usePolicies(state);
  const word = state.replace('_', ' ');
  return (
    <Loaded query={policies} what="the policies" lines={8}>
      {(rows) =>
        rows.length === 0 ? (
          <NoPolicies state={state} />
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

function NoPolicies({ state }: { state: PolicyState }) {
  if (state === 'rolled_back') {
    return <Nothing title="No policy was rolled back">An approved policy can be, at any time, from its card.</Nothing>;
  }
  return state === 'suggested' ? (
    <Nothing title="No policy waits for approval">Suggestions follow findings within seconds.</Nothing>
  ) : (
    <Nothing title="No policy is approved yet">
      Collectors pull an empty set until one of the <PageLink to="/policies">suggestions</PageLink> is approved.
    </Nothing>
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
