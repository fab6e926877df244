/** What `spanwarden policy simulate --help` says after the options. */
export const SIMULATE_HELP = `
Runs policies on the spans of files as the OpenTelemetry Collector would, and says what they do:
values masked, keys removed and renamed, exact OTLP protobuf bytes, findings that would remain.
The output never holds a value. Nothing is sent anywhere.

Policies:
  A YAML or JSON file as GET /api/v1/policies/{id} or GET /api/v1/policies shows them; needed are
  location, key, services and action. Or --from-server, which reads those that are suggested or
  approved; the token of an administrator comes from --token or SPANWARDEN_ADMIN_TOKEN.

Traces:
  Policies on sampling are decided on whole traces, whose spans may be in any of the files; those
  without a root, or without the parent of a span, are left out. Kinds are error, slow, critical,
  rare (an operation that the policy does not list) and other; a trace is of the first that holds.

Formats:
  table     for people, tables of 50 rows at most
  json      one document with all rows
  jsonl     one row a line; "type" says of what, and the line of type total comes last
  markdown  for a comment on a pull request

Money:
  --price takes the id of a price model of rules/prices. Saved is what the spans of the files, and
  all that they stand for, would cost less at marginal prices, with an interval of 95 %. Spans say
  what they stand for in their tracestate (ot=th); --sampling-ratio says it for those that do not.

Exit codes:
  0    done
  1    with --fail-on: findings of this severity or above would remain
  2    the command line or a policy is wrong; nothing was simulated
  5    a file or the server could not be read, or not all of it, whatever else was found
  128  something unexpected

Examples:
  spanwarden policy simulate traces.json --policy policy.yaml
  cat request.pb | spanwarden policy simulate - --policy policies.json --format json
  spanwarden policy simulate spans.jsonl.gz --from-server https://spanwarden.example --fail-on high
  spanwarden policy simulate traces/ --policy policies.json --price grafana-cloud-traces --sampling-ratio 0.1`;
