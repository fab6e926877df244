import { Button, Code, Stack, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CodeBlock } from './code-block.js';
import { useOpampAddress } from './collector-queries.js';
import { addressFrom, agentSnippet, pullSnippet, SLOTS, supervisorSnippet } from './connect-snippets.js';
import { Panel } from './page.js';

/** Stands where no collector has asked for policies yet. */
export function ConnectCollector() {
  return (
    <Panel title="No collector has asked for policies yet" id="connect">
      <Steps>Collectors show here as soon as they ask.</Steps>
    </Panel>
  );
}

/** The same below a list of collectors, on demand. */
export function ConnectAnother() {
  const [opened, { toggle }] = useDisclosure(false);
  const button = (
    <Button size="compact-sm" variant="default" onClick={toggle} aria-expanded={opened}>
      {opened ? 'Hide' : 'Show'} how
    </Button>
  );
  return (
    <Panel title="Connect another collector" id="connect" aside={button}>
      {opened && <Steps />}
    </Panel>
  );
}

/** How a collector comes by policies, in three ways, with the addresses as they are. */
function Steps({ children = '' }: { children?: string }) {
  return (
    <Stack gap="md">
      <Text size="sm">
        {children} First name the slots for policies in the configuration of the collector, and put them in its
        pipeline. Without policies they do nothing.
      </Text>
      <CodeBlock label="Slots in the collector's own configuration" code={SLOTS} />
      <Ways />
      <Text size="sm" c="dimmed">
        The token is in the file <Code>collector-token</Code> of the home folder; on the page Access each collector gets
        one of its own, with labels that count more than those it gives itself. Sets and stages of roll-outs select by
        labels.
      </Text>
    </Stack>
  );
}

function Ways() {
  const { origin, hostname } = window.location;
  const { data: opamp = null } = useOpampAddress();
  return (
    <Tabs defaultValue="agent" keepMounted={false}>
      <Tabs.List mb="sm" aria-label="How policies come to the collector">
        <Tabs.Tab value="agent">Agent beside it</Tabs.Tab>
        {opamp !== null && <Tabs.Tab value="opamp">OpAMP supervisor</Tabs.Tab>}
        <Tabs.Tab value="pull">By itself</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="agent">
        <Way code={agentSnippet(origin)} label="Agent and collector">
          Asks every 30 seconds, has the collector validate what it gets, and keeps the last good policies. It says here
          what became of them.
        </Way>
      </Tabs.Panel>
      {opamp !== null && (
        <Tabs.Panel value="opamp">
          <Way code={supervisorSnippet(addressFrom(opamp, hostname))} label="Configuration of the OpAMP supervisor">
            New policies come at once. Health, drift and components show here as well. Its policy set is the one whose
            labels it has.
          </Way>
        </Tabs.Panel>
      )}
      <Tabs.Panel value="pull">
        <Way code={pullSnippet(origin)} label="Start of the collector">
          Reads policies when it starts and on SIGHUP, and says nothing of what became of them. One that cannot read
          what it is given ends, so an agent is better.
        </Way>
      </Tabs.Panel>
    </Tabs>
  );
}

function Way({ code, label, children }: { code: string; label: string; children: string }) {
  return (
    <Stack gap="sm">
      <Text size="sm">{children}</Text>
      <CodeBlock label={label} code={code} />
    </Stack>
  );
}
