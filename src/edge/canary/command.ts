import { type Command, InvalidArgumentError, Option } from 'commander';
import { CANARY_HELP } from './help.js';

interface CanaryFlags {
  readonly url: string;
  readonly to: string;
  readonly token?: string;
  readonly header: Readonly<Record<string, string>>;
  readonly policy: readonly string[];
  readonly timeout: number;
  readonly json: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Adds `canary` to the command line. */
export function addCanaryCommand(
  program: Command,
  address: (text: string) => string,
  write: (text: string) => void,
  say: (line: string) => void,
): void {
  program
    .command('canary')
    .description('send made-up data through a collector, and say whether its policies take it out')
    .requiredOption('--url <url>', 'address of spanwarden', address)
    .requiredOption(
      '--to <url>',
      "address of the collector's OTLP receiver over HTTP, as http://collector:4318",
      address,
    )
    .addOption(new Option('--token <token>', 'of an administrator').env('SPANWARDEN_ADMIN_TOKEN'))
    .addOption(
      new Option('--header <name: value>', 'what the collector wants; may be given more than once')
        .argParser(header)
        .default({}, 'none'),
    )
    .addOption(
      new Option('--policy <id>', 'only this policy; may be given more than once')
        .argParser(policy)
        .default([], 'all in force'),
    )
    .option('--timeout <seconds>', 'when a canary that has not come back is lost', seconds, 60)
    .option('--json', 'print the result as JSON', false)
    .addHelpText('after', CANARY_HELP)
    .action(async ({ url, to, token = '', header: headers, policy: policies, timeout, json }: CanaryFlags) => {
      const { runCanary } = await import('./canary.js');
      const options = { url, to, headers, policies, timeoutSeconds: timeout, json };
      process.exitCode = await runCanary({ ...options, token: token === '' ? null : token }, write, say);
    });
}

function header(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([A-Za-z0-9-]+):\s*(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('a name, a colon and a value.');
  return { ...before, [name]: value };
}

function policy(text: string, before: readonly string[]): string[] {
  if (!UUID.test(text)) throw new InvalidArgumentError('the id of a policy.');
  return [...before, text];
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 5 && value <= 3_600) return value;
  throw new InvalidArgumentError('a whole number from 5 to 3600.');
}
