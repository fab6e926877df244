import { Stack, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { Policy } from '../../edge/serve/contract.js';
import { ApproveDialog } from '../components/approve-dialog.js';
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
  const close = (approved: boolean): void => {
    setSaid(approved ? `Approved: ${asked?.title}. Collectors get it with their next pull.` : '');
    setAsked(null);
  };
  return (
    <Page title="Policies" about={ABOUT}>
      <PullPanel />
      <div>
        <Said message={said} />
        {id === null ? <PolicyTabs onApprove={setAsked} /> : <OnePolicy id={id} onApprove={setAsked} />}
      </div>
      {asked !== null && <ApproveDialog policy={asked} onClose={close} />}
    </Page>
  );
}

interface Approvable {
  readonly onApprove: (policy: Policy) => void;
}

function PolicyTabs({ onApprove }: Approvable) {
  const [params, setParams] = useSearchParams();
  const state = params.get('state') === 'approved' ? 'approved' : 'suggested';
  return (
    <Tabs value={state} onChange={(value) => setParams(value === 'approved' ? { state: 'approved' } : {})}>
      <Tabs.List mb="md" aria-label="State of the policies">
        <Tabs.Tab value="suggested">Suggested</Tabs.Tab>
        <Tabs.Tab value="approved">Approved</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value={state}>
        <PolicyList key={state} state={state} onApprove={onApprove} />
      </Tabs.Panel>
    </Tabs>
  );
}

function PolicyList({ state, onApprove }: Approvable & { state: PolicyState }) {
  const policies = usePolicies(state);
  return (
    <Loaded query={policies} what="the policies" lines={8}>
      {(rows) =>
        rows.length === 0 ? (
          <NoPolicies state={state} />
        ) : (
          <Stack gap="sm">
            {rows.map((policy) => (
              <PolicyCard key={`${policy.id} ${policy.version}`} policy={policy} onApprove={onApprove} />
            ))}
            <LoadMore query={policies} shown={rows.length} noun={`${state} policy`} nouns={`${state} policies`} />
          </Stack>
        )
      }
    </Loaded>
  );
}

function NoPolicies({ state }: { state: PolicyState }) {
  return state === 'suggested' ? (
    <Nothing title="No policy waits for approval">Suggestions follow findings within seconds.</Nothing>
  ) : (
    <Nothing title="No policy is approved yet">
      Collectors pull an empty set until one of the <PageLink to="/policies">suggestions</PageLink> is approved.
    </Nothing>
  );
}

/** One policy that a link named. */
function OnePolicy({ id, onApprove }: Approvable & { id: string }) {
  const policy = usePolicy(id);
  return (
    <Stack gap="sm">
      <Text size="sm">
        <PageLink to="/policies">← All policies</PageLink>
      </Text>
      <Loaded query={policy} what="the policy">
        {(data) => <PolicyCard policy={data} onApprove={onApprove} isOpen />}
      </Loaded>
    </Stack>
  );
}
