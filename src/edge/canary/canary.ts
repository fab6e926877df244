import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryPlan, CanaryRun } from '../serve/contract/canaries.js';
import { describeRun } from './text.js';

export interface CanaryOptions {
  /** Addresses of spanwarden and of the collector, each with a slash at its end. */
  readonly url: string;
  readonly to: string;
  readonly token: string | null;
  /** What the collector is sent beside its content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ids; none for all that are in force. */
  readonly policies: readonly string[];
  readonly timeoutSeconds: number;
  readonly json: boolean;
}

export const CANARY_EXIT = { clean: 0, leaked: 1, usage: 2, refused: 3, unreachable: 4, lost: 5 } as const;
type ExitCode = (typeof CANARY_EXIT)[keyof typeof CANARY_EXIT];

const REQUEST_MS = 10_000;
const ASK_EVERY_MS = 500;
/** What is on its way to the store when the time is over. */
const GRACE_MS = 2_000;

/** Ends a run with a message and an exit code. */
class Stop extends Error {
  constructor(
    message: string,
    readonly code: ExitCode,
  ) {
    super(message);
  }
}

/**
 * Has canaries made, sends them through a collector and says what came back.
 *
 * @param write to standard output
 * @param say to standard error
 */
export async function runCanary(
  options: CanaryOptions,
  write: (text: string) => void,
  say: (line: string) => void,
): Promise<ExitCode> {
  try {
    const plan = await ask<CanaryPlan>(options, 'api/v1/canaries', {
      policies: options.policies.length === 0 ? null : options.policies,
      timeout_seconds: options.timeoutSeconds,
    });
    for (const { request } of plan.canaries) await send(options, request);
    if (plan.canaries.length > 0 && !options.json) say(`${plan.canaries.length} sent; waiting for them to come back`);
    const run = plan.canaries.length === 0 ? null : await results(options, plan);
    write(options.json ? `${JSON.stringify(documentOf(plan, run), null, 2)}\n` : describeRun(plan, run));
    return verdictOf(options, plan, run);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(error.message);
    return error.code;
  }
}

function documentOf({ id, created_at, expires_at, unprovable, not_in_force }: CanaryPlan, run: CanaryRun | null) {
  return { id, created_at, expires_at, results: run?.results ?? [], unprovable, not_in_force };
}

function verdictOf({ policies }: CanaryOptions, plan: CanaryPlan, run: CanaryRun | null): ExitCode {
  const verdicts = (run?.results ?? []).map(({ verdict }) => verdict);
  if (verdicts.includes('leaked')) return CANARY_EXIT.leaked;
  const isProved = verdicts.every((verdict) => verdict === 'clean');
  const isAnswered = policies.length === 0 || (plan.unprovable.length === 0 && plan.not_in_force.length === 0);
  return isProved && isAnswered ? CANARY_EXIT.clean : CANARY_EXIT.lost;
}

/** Asks until all came back or the time is over. */
async function results(options: CanaryOptions, plan: CanaryPlan): Promise<CanaryRun> {
  const end = Date.now() + options.timeoutSeconds * 1000 + GRACE_MS;
  for (;;) {
    const run = await ask<CanaryRun>(options, `api/v1/canaries/${plan.id}`);
    if (run.is_over || Date.now() > end) return run;
    await sleep(ASK_EVERY_MS);
  }
}

async function ask<T>({ url, token }: CanaryOptions, path: string, body?: object): Promise<T> {
  const headers = { ...(token !== null && { authorization: `Bearer ${token}` }) };
  const posted = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { ...headers, 'content-type': 'application/json' },
  };
  const response = await reached('--url', new URL(path, url), body === undefined ? { headers } : posted);
  if (response.status === 401 || response.status === 403) {
    throw new Stop('--token: missing or wrong; the token of an administrator', CANARY_EXIT.refused);
  }
  const answer = (await response.json().catch(() => null)) as (T & { detail?: string }) | null;
  if (response.status === 400) throw new Stop(answer?.detail ?? 'the server refused the request', CANARY_EXIT.usage);
  if (!response.ok || answer === null) {
    throw new Stop(`--url: the server answered ${response.status}; an address of spanwarden`, CANARY_EXIT.unreachable);
  }
  return answer;
}

async function send({ to, headers }: CanaryOptions, request: object): Promise<void> {
  const url = new URL('v1/traces', to);
  const sent = {
    method: 'POST',
    body: JSON.stringify(request),
    headers: { ...headers, 'content-type': 'application/json' },
  };
  const response = await reached('--to', url, sent);
  await response.body?.cancel();
  if (response.ok) return;
  if (response.status === 401 || response.status === 403) {
    throw new Stop('--header: the collector wants another authentication', CANARY_EXIT.refused);
  }
  const allowed = 'an OTLP receiver of a collector, over HTTP';
  throw new Stop(`--to: the collector answered ${response.status}; ${allowed}`, CANARY_EXIT.unreachable);
}

async function reached(option: string, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS), redirect: 'error' });
  } catch {
    throw new Stop(`${option}: cannot be reached; an address that answers`, CANARY_EXIT.unreachable);
  }
}
