import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { readEndpoints } from './home.js';
import { EXIT } from './scan/scan.js';

export interface ServerFlags {
  readonly server?: string;
  readonly token?: string;
}

/** Adds the options that say which server, and as whom. */
export function withServer(command: Command, address: (text: string) => string): Command {
  return command
    .optionsGroup('Server:')
    .addOption(
      new Option('--server <url>', 'the one to ask; otherwise the one that runs in SPANWARDEN_HOME').argParser(address),
    )
    .addOption(new Option('--token <token>', 'of an administrator').env('SPANWARDEN_ADMIN_TOKEN'));
}

/** Why a server gave nothing, with the exit code of the command. */
export class ServerError extends Error {
  constructor(
    readonly exit: number,
    message: string,
  ) {
    super(message);
  }
}

interface Problem {
  readonly detail?: unknown;
  readonly errors?: readonly { readonly where: string; readonly what: string; readonly allowed: string }[];
}

/** Asks the API of a server as administrator. */
export class ServerApi {
  private constructor(
    private readonly base: string,
    private readonly token: string,
  ) {}

  /**
   * @param home where the server runs that is asked when none is named
   * @throws ServerError where there is none, or no token
   */
  static of({ server, token }: ServerFlags, home: string): ServerApi {
    const given = token === undefined || token === '' ? null : token;
    if (server !== undefined) {
      if (given === null) throw new ServerError(EXIT.usage, '--token: missing; the token of an administrator');
      return new ServerApi(server, given);
    }
    const endpoints = readEndpoints(home);
    if (endpoints === null) {
      const what = `no spanwarden runs in ${home}; start it, set SPANWARDEN_HOME, or name one with --server`;
      throw new ServerError(EXIT.unreachable, what);
    }
    return new ServerApi(`${endpoints.http}/`, given ?? readFileSync(join(home, 'admin-token'), 'utf8').trim());
  }

  /** The answer as JSON; null where there is none. */
  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const text = await (await this.open(method, path, body)).text();
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  /** @throws ServerError where the answer is none of success */
  async open(method: string, path: string, body?: object): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, ...(body && { 'content-type': 'application/json' }) };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(new URL(`api/v1/${path}`, this.base), init).catch(() => {
      throw new ServerError(EXIT.unreachable, `spanwarden at ${this.base} does not answer`);
    });
    if (response.ok) return response;
    const { detail, errors = [] } = (await response.json().catch(() => ({}))) as Problem;
    const why = [
      typeof detail === 'string' ? detail : `answered ${response.status}`,
      ...errors.map(({ where, what, allowed }) => `  ${where}: ${what}; ${allowed}`),
    ];
    throw new ServerError(exitOf(response.status), why.join('\n'));
  }
}

function exitOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.unauthorised;
  return status >= 500 ? EXIT.unreachable : EXIT.usage;
}

/** Runs what asks a server; what went wrong is said. Gives the exit code. */
export async function asCommand(run: () => Promise<number>, warn: (line: string) => void): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    warn(`spanwarden: ${error.message}`);
    return error.exit;
  }
}
