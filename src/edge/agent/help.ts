/** What `spanwarden agent --help` says after the options. */
export const AGENT_HELP = `
It asks for the policy set, checks that it fills policy slots only, has the collector
validate it behind the other configurations, puts it in place in one step and sends
SIGHUP. Whatever goes wrong, the last good file stays; a collector that ends within
the settle time has its last good file put back.

It tells the server who it is and what became of the policies, which GET /api/v1/collectors
shows; a server that does not take that changes nothing.

The token is read from SPANWARDEN_COLLECTOR_TOKEN. --config is given as the
collector itself has it, in the same order; --file is the collector's last one.
The variables that these files name must be set for the agent too.

Exit codes of --once:
  0    the newest policies are in place
  1    the newest policies were refused or taken back
  2    the command line is wrong
  5    the server did not answer with policies; the last good ones are in place

Examples:
  Beside a collector, as long as it runs
    spanwarden agent --url http://spanwarden:8080 --file /etc/otelcol/policies.yaml \\
      --collector otelcol-contrib --config /etc/otelcol/config.yaml \\
      --process-name otelcol-contrib
  Before it starts, so that its file is there
    spanwarden agent --once --url http://spanwarden:8080 \\
      --file /etc/otelcol/policies.yaml --config /etc/otelcol/config.yaml`;
