import { hash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { ConfigStatus, Labels } from '../../engine/model/collector.js';

/** Who the collector is that the agent stands beside. */
export interface Identity {
  readonly id: string;
  readonly labels: Labels;
}

interface Report {
  readonly status: ConfigStatus;
  readonly hash: string;
  readonly error: string;
}

const TIMEOUT_MS = 15_000;
const MAX_ERROR = 16_000;

/**
 * The id of an agent that was given none: the name of the machine and a part that is kept beside the agent's file, so that
 * two collectors of a machine are two.
 */
export function defaultId(file: string): string {
  const kept = `${file}.id`;
  if (!existsSync(kept)) {
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, `${randomBytes(4).toString('hex')}\n`);
  }
  const host = hostname()
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return `${host || 'collector'}-${readFileSync(kept, 'utf8').trim()}`.slice(-200);
}

/** An address with who asks in its query; a server that does not know of that takes no notice. */
export function askingAs(url: string, { id, labels }: Identity): string {
  const asking = new URL(url);
  asking.searchParams.set('collector', id);
  for (const [name, value] of Object.entries(labels)) asking.searchParams.append('label', `${name}=${value}`);
  return asking.href;
}

/** Tells the server what became of policies. What cannot be told now is told later; policies never wait for it. */
export class Reporter {
  private readonly url: string;
  private waiting: Report | null = null;
  private told = '';
  /** The server does not take reports, or not from us. */
  private isUnwanted = false;

  constructor(
    server: string,
    private readonly token: string | null,
    private readonly identity: Identity,
    private readonly intervalSeconds: number,
    private readonly version: () => Promise<string>,
  ) {
    this.url = new URL(`api/v1/collectors/${encodeURIComponent(identity.id)}/status`, server).href;
  }

  async tell(status: ConfigStatus, text: string, error = ''): Promise<void> {
    this.waiting = { status, hash: hash('sha256', text, 'hex'), error: error.slice(0, MAX_ERROR) };
    await this.flush();
  }

  /** Tells what waits. */
  async flush(): Promise<void> {
    const { waiting } = this;
    const words = JSON.stringify(waiting);
    if (waiting === null || this.isUnwanted || words === this.told) return;
    const answer = await this.put(waiting).catch(() => null);
    // A server that is down or busy may take it later; one that refuses will not.
    if (answer === null || answer.status >= 500 || answer.status === 429) return;
    this.isUnwanted = !answer.ok;
    this.told = words;
    this.waiting = null;
  }

  private async put(report: Report): Promise<Response> {
    const { labels } = this.identity;
    const rest = { version: await this.version(), interval_seconds: this.intervalSeconds };
    return fetch(this.url, {
      method: 'PUT',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
      },
      body: JSON.stringify({ ...report, labels, ...rest }),
    });
  }
}
