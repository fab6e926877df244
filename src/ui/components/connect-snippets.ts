const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** Slots for policies, as they stand in the collector's own configuration. */
export const SLOTS = `processors:
  filter/spanwarden:
    error_mode: ignore
  transform/spanwarden:
    error_mode: ignore
  redaction/spanwarden:
    allow_all_keys: true

service:
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter, filter/spanwarden, transform/spanwarden, redaction/spanwarden, batch]
`;

/** The agent beside a collector. */
export function agentSnippet(origin: string): string {
  return `export SPANWARDEN_COLLECTOR_TOKEN=...
spanwarden agent --url ${origin} --file /etc/otelcol/policies.yaml --label region=eu \\
  --collector otelcol-contrib --config /etc/otelcol/config.yaml --process-name otelcol-contrib
otelcol-contrib --config=/etc/otelcol/config.yaml --config=/etc/otelcol/policies.yaml
`;
}

/** The OpAMP supervisor; `address` is that of OpAMP over HTTP. */
export function supervisorSnippet(address: string): string {
  return `# supervisor.yaml
server:
  endpoint: ${address.replace(/^http/, 'ws')}
  headers:
    Authorization: Bearer $\{env:SPANWARDEN_COLLECTOR_TOKEN}
capabilities:
  accepts_remote_config: true
  reports_remote_config: true
  reports_available_components: true
agent:
  executable: /usr/bin/otelcol-contrib
  config_files: [/etc/otelcol/config.yaml]
  description:
    non_identifying_attributes:
      region: eu
storage:
  directory: /var/lib/otelcol/supervisor
`;
}

/** A collector that reads the address of a set by itself, and says who it is. */
export function pullSnippet(origin: string): string {
  const { protocol, host } = new URL(origin);
  const url = `${protocol}//collector:$SPANWARDEN_COLLECTOR_TOKEN@${host}/api/v1/policy-sets/default/collector.yaml`;
  return `otelcol-contrib --config=/etc/otelcol/config.yaml \\
  --config="${url}?collector=$HOSTNAME&label=region=eu"
`;
}

/** Whoever reads the page from another machine reaches the service under the name in the address bar. */
export function addressFrom(address: string, pageHost: string): string {
  const url = new URL(address);
  if (LOOPBACK.test(url.hostname) && !LOOPBACK.test(pageHost)) url.hostname = pageHost;
  return url.href;
}
