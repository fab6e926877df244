import { Stack, Text } from '@mantine/core';
import type { Policy } from '../../edge/serve/contract.js';
import { Loaded } from './loaded.js';
import { Panel } from './page.js';
import type { PolicyActions } from './policy-buttons.js';
import { PolicyCanaries } from './policy-canaries.js';
import { PolicyCard } from './policy-card.js';
import { useVersions } from './policy-detail-queries.js';
import { PolicyHistory } from './policy-history.js';
import { PolicyProof } from './policy-proof.js';
import { VersionTable } from './policy-versions.js';
import { RoleHint, useMay } from './roles.js';
import { PageLink } from './text.js';

interface Props {
  readonly id: string;
  readonly actions: PolicyActions;
}

/** A policy on a page of its own: the latest version and the one in force, all versions, proof and history. */
export function PolicyDetail({ id, actions }: Props) {
  const versions = useVersions(id);
  const may = useMay();
  return (
    <Stack gap="md">
      <Text size="sm">
        <PageLink to="/policies">← All policies</PageLink>
      </Text>
      <Loaded query={versions} what="the policy">
        {(all) => (
          <>
            {shownOf(all).map((policy, i) => (
              <PolicyCard key={policy.version} policy={policy} actions={actions} isOpen={i === 0} />
            ))}
            <PolicyProof versions={all} />
            <PolicyCanaries policy={id} />
            <Panel title="Versions" id="versions">
              <VersionTable versions={all} />
            </Panel>
          </>
        )}
      </Loaded>
      {may('admin') && <PolicyHistory id={id} />}
      <RoleHint needs={{ admin: 'Reading the history of the policy, which is in the audit log,' }} />
    </Stack>
  );
}

/** What is proposed on top of what is in force shows both. */
function shownOf([latest, ...rest]: readonly Policy[]): Policy[] {
  const isProposed = latest?.state === 'draft' || latest?.state === 'suggested';
  const current = rest.find(({ state }) => state === 'approved' || state === 'active');
  return [...(latest === undefined ? [] : [latest]), ...(isProposed && current !== undefined ? [current] : [])];
}
