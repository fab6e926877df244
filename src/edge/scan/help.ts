/** What `spanwarden scan --help` says after the options. */
export const SCAN_HELP = `
The output never holds a value that was found, only its mask.

Formats:
  table    for people
  json     one document: files, and findings with their counts and places
  jsonl    one match a line, written as it is found: detector, severity, trace_id,
           span_id, location, key, start, end, mask
  sarif    SARIF 2.1.0, for GitHub code scanning and editors
  junit    JUnit XML, for Jenkins, GitLab and most others
  github   annotations of GitHub Actions
  gitlab   Code Quality of GitLab

Exit codes:
  0    nothing was found, or nothing that fails the scan
  1    something was found
  2    the command line, a rule or the baseline is wrong; nothing was scanned
  5    a file could not be read, or not all of it, whatever else was found
  128  something unexpected

A baseline is a JSON file to be kept in git. It names findings by detector, service
and place, and holds no values. An entry may say why in "reason", and in "expires"
(YYYY-MM-DD) the last day on which it holds; after it the finding is reported again.
Entries for which nothing is found any more are told as stale.

--rules takes a folder with a folder detectors in it. Its rules are checked as
spanwarden rules check does; docs/rules.md explains how to write them.

Examples:
  At hand
    spanwarden scan traces.json
    spanwarden scan --format jsonl spans.jsonl.gz | jq .detector
    cat request.pb | spanwarden scan -
  Begin with what is there, and fail on what is new
    spanwarden scan traces/ --write-baseline spanwarden-baseline.json
    spanwarden scan traces/ --baseline spanwarden-baseline.json
  GitHub Actions
    npx spanwarden scan traces/ --format github
    npx spanwarden scan traces/ --format sarif --output spanwarden.sarif
  GitLab CI
    npx spanwarden scan traces/ --format junit --output spanwarden-junit.xml
    npx spanwarden scan traces/ --format gitlab --output gl-code-quality-report.json
  Jenkins
    npx spanwarden scan traces/ --format junit --output spanwarden-junit.xml
  pre-commit
    npx spanwarden scan --kind secret --min-confidence high traces/checkout.json

docs/ci.md has complete pipelines.`;
