import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Policy } from '../../edge/serve/contract.js';
import { DecisionDialog } from '../components/decision-dialog.js';
import { Page } from '../components/page.js';
import type { PolicyActions } from '../components/policy-buttons.js';
import { DECISIONS, type Decision } from '../components/policy-decisions.js';
import { PolicyDetail } from '../components/policy-detail.js';
import { PolicyTabs } from '../components/policy-tabs.js';
import { PullPanel } from '../components/pull-panel.js';
import { RoleHint, useMay } from '../components/roles.js';
import { Said } from '../components/said.js';

const PolicyEditor = lazy(() => import('../components/policy-editor.js'));

const ABOUT = 'What collectors do to spans before anybody stores them. Nothing reaches a collector unapproved.';
const NEEDS = {
  editor: 'Writing, changing and rejecting policies',
  approver: 'approving them and moving their roll-outs',
} as const;

type Opened =
  | { readonly what: 'decision'; readonly policy: Policy; readonly decision: Decision }
  | { readonly what: 'editor'; readonly id: string | null };

export function PoliciesPage() {
  const [params] = useSearchParams();
  const [, navigate] = useLocation();
  const [opened, setOpened] = useState<Opened | null>(null);
  const [said, setSaid] = useState('');
  const may = useMay();
  const id = params.get('id');
  const actions: PolicyActions = {
    decide: (policy, decision) => setOpened({ what: 'decision', policy, decision }),
    edit: (policy) => setOpened({ what: 'editor', id: policy.id }),
  };
  const close = (message: string): void => {
    setSaid(message);
    setOpened(null);
  };
  const written = (policy: Policy | null): void => {
    close(policy === null ? '' : `Draft written: ${policy.title}. Simulate it, then somebody can approve it.`);
    if (policy !== null) navigate(`/policies?id=${policy.id}`);
  };
  return (
    <Page
      title="Policies"
      about={ABOUT}
      actions={
        may('editor') && (
          <Button size="xs" onClick={() => setOpened({ what: 'editor', id: null })}>
            Write a policy
          </Button>
        )
      }
    >
      {id === null && <PullPanel />}
      <RoleHint needs={NEEDS} />
      <div>
        <Said message={said} />
        {id === null ? <PolicyTabs actions={actions} /> : <PolicyDetail id={id} actions={actions} />}
      </div>
      {opened?.what === 'decision' && (
        <DecisionDialog {...opened} onClose={(decided) => close(decided ? saidOf(opened) : '')} />
      )}
      <Suspense fallback={null}>
        {opened?.what === 'editor' && <PolicyEditor id={opened.id} onClose={written} />}
      </Suspense>
    </Page>
  );
}

/** What was done, and when it shows. */
function saidOf({ policy, decision }: { policy: Policy; decision: Decision }): string {
  const shows = decision === 'reject' || decision === 'pause' ? '' : ' Collectors get the change with their next pull.';
  return `${DECISIONS[decision].done}: ${policy.title}.${shows}`;
}
