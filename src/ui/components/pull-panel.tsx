import { Button, Code, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { addressOf } from '../api.js';
import { collectorYaml, useCollectorYaml } from '../queries.js';
import { CodeBlock, Copy } from './code-block.js';
import { Loaded } from './loaded.js';
import { Panel } from './page.js';
import { DEFAULT_SET, usePolicySets } from './policy-set-queries.js';
import styles from './pull-panel.module.css';
import { useMay } from './roles.js';
import { PageLink } from './text.js';

/** Where collectors pull what is approved, set by set, and what they get there now. */
export function PullPanel() {
  const sets = usePolicySets();
  const names = sets.data?.map(({ name }) => name) ?? [DEFAULT_SET];
  const may = useMay();
  return (
    <Panel title="What collectors pull" id="pull" aside={<PageLink to="/collectors">Collectors</PageLink>}>
      <Stack gap="xs" align="stretch">
        <dl className={styles.addresses}>
          {names.map((name) => (
            <Address key={name} name={name} isOnly={names.length === 1} />
          ))}
        </dl>
        <Text size="sm" c="dimmed">
          Send the token in <Code>collector-token</Code> as bearer token, and the <Code>ETag</Code> of the last answer
          as <Code>If-None-Match</Code>: as long as nothing changed the answer is 304. With{' '}
          <Code>?collector=gw-1&amp;label=region=eu</Code> it says who asks, and gets what stages with that label get.
        </Text>
        {may('collector') && <Served names={names} />}
      </Stack>
    </Panel>
  );
}

function Address({ name, isOnly }: { name: string; isOnly: boolean }) {
  const url = window.location.origin + addressOf(collectorYaml(name));
  return (
    <div className={styles.address}>
      <dt>Set {name}</dt>
      <dd>
        <Code style={{ overflowWrap: 'anywhere' }}>{url}</Code>{' '}
        <Copy label={isOnly ? 'address' : `address of ${name}`} text={url} />
      </dd>
    </div>
  );
}

function Served({ names }: { names: readonly string[] }) {
  const [opened, { toggle }] = useDisclosure(false);
  const [set, setSet] = useState(DEFAULT_SET);
  const yaml = useCollectorYaml(set, opened);
  return (
    <>
      <Group gap="sm" align="flex-end">
        {names.length > 1 && (
          <NativeSelect
            size="xs"
            label="Policy set"
            data={[...names]}
            value={set}
            onChange={({ currentTarget }) => setSet(currentTarget.value)}
          />
        )}
        <Button size="compact-sm" variant="default" onClick={toggle} aria-expanded={opened}>
          {opened ? 'Hide' : 'Show'} what they get now
        </Button>
      </Group>
      {opened && (
        <Loaded query={yaml} what="the configuration" lines={3}>
          {(text) => <CodeBlock label="Served collector configuration" code={text} />}
        </Loaded>
      )}
    </>
  );
}
