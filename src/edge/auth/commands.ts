import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../scan/scan.js';
import type { AccessToken, AccessTokenPage, NewAccessToken, SignInLink } from '../serve/contract.js';
import { asCommand, ServerApi, ServerError, type ServerFlags, withServer } from '../server-api.js';
import { ACCESS_ROLES, type AccessRole } from './roles.js';

interface Surroundings {
  /** Where the server runs that is asked when none is named. */
  readonly home: () => string;
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
}

interface CreateFlags extends ServerFlags {
  readonly role: AccessRole[];
  readonly days?: number;
  readonly label: Readonly<Record<string, string>>;
  readonly json: boolean;
}

const DEFAULT_DAYS = 90;
const DAY_MS = 86_400_000;

const HELP = `
Roles: viewer reads; editor drafts and triages; approver approves policies; admin does everything;
collector sends spans and pulls policies. docs/access.md has the whole table.

Exit codes: 0 done, 2 the command line is wrong, 3 the token is not enough, 4 the server does not answer.

Examples:
  spanwarden token create alice --role editor --role approver
  spanwarden token create gateway-eu --role collector --label region=eu > gateway.token
  spanwarden token link alice
  spanwarden token revoke alice`;

/** Adds `token create`, `token list`, `token link` and `token revoke` to the command line. */
export function addTokenCommands(program: Command, address: (text: string) => string, around: Surroundings): void {
  const token = program
    .command('token')
    .description('give people and programs tokens of their own, with a name and roles')
    .addHelpText('after', HELP);
  const run = async (flags: ServerFlags, act: (api: ServerApi) => Promise<void>): Promise<void> => {
    process.exitCode = await asCommand(async () => {
      await act(ServerApi.of(flags, around.home()));
      return EXIT.clean;
    }, around.warn);
  };
  withServer(
    token
      .command('create')
      .description('make a token; it is written to standard output, and can be seen nowhere again')
      .argument('<name>', 'user name of a person or name of a program')
      .addOption(
        new Option('--role <role>', `${ACCESS_ROLES.join(', ')}; may be given more than once`)
          .argParser(roles)
          .default([], 'viewer'),
      )
      .option('--days <n>', `how long it lasts; ${DEFAULT_DAYS}, or without end for a collector`, days)
      .addOption(
        new Option('--label <key=value>', 'of a collector; may be given more than once')
          .argParser(label)
          .default({}, 'none'),
      )
      .option('--json', 'all of the answer', false),
    address,
  ).action((subject: string, { role, label: labels, days: given, json, ...flags }: CreateFlags) =>
    run(flags, async (api) => {
      const all = role.length === 0 ? ['viewer'] : role;
      const last = given ?? (all.includes('collector') ? null : DEFAULT_DAYS);
      const expires_at = last === null ? null : new Date(Date.now() + last * DAY_MS).toISOString();
      const made = await api.ask<NewAccessToken>('POST', 'tokens', { subject, roles: all, labels, expires_at });
      around.write(json ? `${JSON.stringify(made)}\n` : `${made.secret}\n`);
      around.warn(`${made.subject}: ${made.roles.join(', ')}; ${until(made)}; id ${made.id}`);
    }),
  );
  withServer(
    token
      .command('list')
      .description('list tokens, without their secrets')
      .option('--all', 'also those that have ended', false)
      .option('--json', 'one a line, as JSON', false),
    address,
  ).action(({ all, json, ...flags }: ServerFlags & { all: boolean; json: boolean }) =>
    run(flags, async (api) => {
      const rows = await listed(api, all);
      around.write(json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : table(rows));
    }),
  );
  withServer(
    token
      .command('link')
      .description('make a link that signs a person in to the pages, once, within the hour')
      .argument('<name or id>', 'whose, or of which token'),
    address,
  ).action((name: string, flags: ServerFlags) =>
    run(flags, async (api) => {
      const { url } = await api.ask<SignInLink>('POST', `tokens/${(await find(api, name)).id}/sign-in-link`);
      around.write(`${url}\n`);
    }),
  );
  withServer(
    token
      .command('revoke')
      .description('end a token, and the sessions that it opened')
      .argument('<name or id>', 'whose, or which'),
    address,
  ).action((name: string, flags: ServerFlags) =>
    run(flags, async (api) => {
      const { id, subject } = await find(api, name);
      await api.ask('DELETE', `tokens/${id}`);
      around.warn(`${subject}: the token ${id} is revoked`);
    }),
  );
}

async function listed(api: ServerApi, isAll: boolean): Promise<AccessToken[]> {
  const rows: AccessToken[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = new URLSearchParams({ limit: '200', ...(!isAll && { state: 'active' }), ...(cursor && { cursor }) });
    const page: AccessTokenPage = await api.ask('GET', `tokens?${query}`);
    rows.push(...page.data);
    cursor = page.next_cursor;
  }
  return rows;
}

/** The token of an id, or the one active token of a name. */
async function find(api: ServerApi, name: string): Promise<AccessToken> {
  const rows = (await listed(api, false)).filter(({ id, subject }) => id === name || subject === name);
  if (rows.length === 1) return rows[0]!;
  const what =
    rows.length === 0 ? 'there is no active token of this name or id' : 'has several tokens; give the id of one';
  throw new ServerError(EXIT.usage, [what, ...rows.map(({ id, roles: of }) => `  ${id}  ${of.join(', ')}`)].join('\n'));
}

function until({ expires_at }: AccessToken): string {
  return expires_at === null ? 'without end' : `until ${expires_at.slice(0, 10)}`;
}

function table(rows: readonly AccessToken[]): string {
  if (rows.length === 0) return 'There are no tokens. spanwarden token create makes one.\n';
  const lines = rows.map((row) => [
    ...[row.subject, row.roles.join(','), row.state, until(row)],
    row.last_used_at === null ? 'never used' : `used ${row.last_used_at.slice(0, 10)}`,
    row.id,
  ]);
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) => `${line.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}\n`).join('');
}

function roles(text: string, before: readonly AccessRole[]): AccessRole[] {
  const role = ACCESS_ROLES.find((one) => one === text);
  if (role === undefined) throw new InvalidArgumentError(`Allowed choices are ${ACCESS_ROLES.join(', ')}.`);
  return [...before, role];
}

function label(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function days(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 36_500) return value;
  throw new InvalidArgumentError('a whole number of days, at least 1.');
}
