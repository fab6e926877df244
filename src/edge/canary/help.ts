/** What `spanwarden canary --help` says after the options. */
export const CANARY_HELP = `
For each policy in force a span with made-up data is sent to the collector, under the
name of a service that the policy is for. The collector is to send it on to spanwarden
as it does with all spans; there it is looked at and counts as nothing else. Your
backend gets it as well, as a span named "spanwarden canary".

  clean    all came back, without what was planted
  leaked   one came back with what was planted
  lost     one did not come back in time: dropped, sampled away, or not sent here

The token of an administrator is read from SPANWARDEN_ADMIN_TOKEN. What the collector
itself wants as authentication is given with --header.

Exit codes:
  0    every policy is proved, or there are none in force
  1    a policy leaks
  2    the command line is wrong
  3    spanwarden or the collector does not take the token
  4    spanwarden or the collector cannot be reached
  5    a canary was lost, or a policy that was asked for cannot be proved

Examples:
  All policies, in cron
    spanwarden canary --url http://spanwarden:8080 --to http://collector:4318
  One policy, in CI
    spanwarden canary --url http://spanwarden:8080 --to http://collector:4318 \\
      --policy 5f0c2f1e-8a36-8d0b-9a53-0f6f2a8f0d11 --timeout 120 --json`;
