import { Code, Stack, Text } from '@mantine/core';
import type { Status } from '../../edge/serve/contract.js';
import { CodeBlock } from './code-block.js';
import styles from './connect-card.module.css';
import { Panel } from './page.js';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** How to get the first spans in, as long as there are none. */
export function ConnectCard({ otlp }: { otlp: Status['otlp'] }) {
  const endpoint = otlp.http === null ? null : endpointFrom(otlp.http, window.location.hostname);
  return (
    <Panel title="Send a copy of your spans" id="connect">
      <Stack gap="md">
        <p className={styles.waiting} role="status">
          <span className={styles.pulse} aria-hidden="true" />
          Waiting for the first spans. This page shows them as soon as they arrive.
        </p>
        {endpoint === null ? <NoReceiver /> : <Snippet endpoint={endpoint} grpc={otlp.grpc} />}
        <Text size="sm">
          Nothing to send yet? In the folder of spanwarden, <Code>npm run demo</Code> sends spans of a made-up shop.
        </Text>
      </Stack>
    </Panel>
  );
}

function NoReceiver() {
  return (
    <Text size="sm">
      This process does not receive spans (its <Code>SPANWARDEN_ROLES</Code> leave out <Code>ingest</Code>); send them
      to one that does.
    </Text>
  );
}

function Snippet({ endpoint, grpc }: { endpoint: URL; grpc: string | null }) {
  const isLocal = LOOPBACK.test(endpoint.hostname);
  return (
    <>
      <Text size="sm">
        Add this to an OpenTelemetry Collector. The pipeline is one of its own, so that whatever happens here does not
        hold up your other exporters.
      </Text>
      <CodeBlock label="Collector configuration" code={collectorSnippet(endpoint.origin, isLocal)} />
      <Text size="sm" c="dimmed">
        Name the receivers that you have. Older collectors call the exporter <Code>otlphttp</Code>.
        {grpc !== null && (
          <>
            {' '}
            OTLP over gRPC is at <Code>{grpc}</Code>.
          </>
        )}{' '}
        {isLocal
          ? 'Spans from this machine need no token.'
          : 'The token stands in the file collector-token of the home folder.'}
      </Text>
    </>
  );
}

function collectorSnippet(endpoint: string, isLocal: boolean): string {
  const headers = ['    headers:', "      authorization: 'Bearer $" + "{env:SPANWARDEN_COLLECTOR_TOKEN}'"];
  return [
    'exporters:',
    '  otlp_http/spanwarden:',
    `    endpoint: ${endpoint}`,
    ...(isLocal ? [] : headers),
    '',
    'service:',
    '  pipelines:',
    '    traces/spanwarden:',
    '      receivers: [otlp]',
    '      exporters: [otlp_http/spanwarden]',
    '',
  ].join('\n');
}

/** Whoever reads this page from another machine reaches the service under the name in the address bar. */
function endpointFrom(address: string, pageHost: string): URL {
  const url = new URL(address);
  if (LOOPBACK.test(url.hostname) && !LOOPBACK.test(pageHost)) url.hostname = pageHost;
  return url;
}
