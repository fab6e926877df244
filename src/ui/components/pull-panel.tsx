import { Button, Code, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { COLLECTOR_YAML, useCollectorYaml } from '../queries.js';
import { CodeBlock, Copy } from './code-block.js';
import { Loaded } from './loaded.js';
import { Panel } from './page.js';

const COLLECTOR_PATH = `/api/v1${COLLECTOR_YAML}`;

/** Where collectors pull what is approved, and what they get there now. */
export function PullPanel() {
  const [opened, { toggle }] = useDisclosure(false);
  const yaml = useCollectorYaml(opened);
  const url = window.location.origin + COLLECTOR_PATH;
  return (
    <Panel title="What collectors pull" id="pull">
      <Stack gap="xs" align="stretch">
        <Group gap="xs" wrap="wrap">
          <Code style={{ overflowWrap: 'anywhere' }}>{url}</Code>
          <Copy label="address" text={url} />
        </Group>
        <Text size="sm" c="dimmed">
          Send the token in <Code>collector-token</Code> as bearer token, and the <Code>ETag</Code> of the last answer
          as <Code>If-None-Match</Code>: as long as nothing changed the answer is 304.
        </Text>
        <Group gap="sm">
          <Button size="compact-sm" variant="default" onClick={toggle} aria-expanded={opened}>
            {opened ? 'Hide' : 'Show'} what they get now
          </Button>
        </Group>
        {opened && (
          <Loaded query={yaml} what="the configuration" lines={3}>
            {(text) => <CodeBlock label="Served collector configuration" code={text} />}
          </Loaded>
        )}
      </Stack>
    </Panel>
  );
}
