import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DemoApi } from './api.js';
import { type Leak, readLeaks } from './leaks.js';
import { Progress } from './progress.js';
import {
  costsOfRun,
  type DemoResult,
  inOrderOf,
  notAnswered,
  notFound,
  type Received,
  received,
  startOfHour,
  worstFirst,
} from './result.js';
import { SERVICES, type Shop, startShop, type Undo } from './shop.js';
import { runningSpanwarden, type Spanwarden, shown, startSpanwarden } from './spanwarden.js';
import { type Access, resultText } from './text.js';

export interface DemoOptions {
  /** How long customers visit the shop. */
  readonly seconds: number;
  /** Home folder of spanwarden, absolute. */
  readonly home: string;
  /** Whether a spanwarden that the demo started stays until Ctrl-C. */
  readonly keep: boolean;
  /** One JSON document at the end instead of text; progress goes to standard error then. */
  readonly json: boolean;
  /** Takes the lines of the output. */
  say(line: string): void;
}

/** Where the run happens and who is told. */
interface Stage {
  readonly options: DemoOptions;
  readonly signal: AbortSignal;
  readonly undo: Undo;
  /** Takes a line about how it goes, which is no part of the result. */
  tell(line: string): void;
}

const INTERRUPTED = 130;
const SETTLE_MS = 30_000;

/**
 * Runs the shop of `examples/shop` for a while and shows what spanwarden makes of its traces. Uses the spanwarden that
 * runs in the home folder, or starts one; what it started is stopped however it ends.
 *
 * @returns 0 when every planted leak was found, 1 when not, 130 when it was interrupted
 * @throws when the shop or spanwarden cannot be started, with a message for people
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const undoes: (() => Promise<void> | void)[] = [];
  const tell = options.json ? (line: string) => void process.stderr.write(`${line}\n`) : options.say;
  const interruption = new AbortController();
  const interrupt = (): void => {
    if (!interruption.signal.aborted) tell('\nstopping …');
    interruption.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  // Nobody reads any more, as in `… | head`: there must still be somebody to clean up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', interrupt);
  try {
    return await run({ options, signal: interruption.signal, undo: (what) => void undoes.push(what), tell });
  } catch (error) {
    if (interruption.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    for (const undo of undoes.reverse()) await attempt(undo, tell);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    for (const stream of [process.stdout, process.stderr]) stream.off('error', interrupt);
  }
}

/** Nothing that fails here may keep the rest from being undone. */
async function attempt(undo: () => Promise<void> | void, tell: (line: string) => void): Promise<void> {
  try {
    await undo();
  } catch (error) {
    tell(`cleaning up: ${(error as Error).message}`);
  }
}

async function run(stage: Stage): Promise<number> {
  const { options, signal } = stage;
  const leaks = readLeaks();
  const spanwarden = await findOrStart(stage);
  const api = new DemoApi(spanwarden.http, spanwarden.token, signal);
  stage.tell('shop: starting PostgreSQL, accounts, checkout and storefront …');
  const shop = await startShop(spanwarden.otlpHttp, stage.undo, signal);
  await nameOwners(api, stage);
  const result = await measure(api, shop, leaks, spanwarden, stage);
  const stays = spanwarden.child !== null && options.keep;
  if (options.json) options.say(JSON.stringify(result, null, 2));
  else for (const line of resultText(result, accessTo(spanwarden, options))) options.say(line);
  if (stays && !signal.aborted) await Promise.race([once(signal, 'abort'), spanwarden.child?.ended]);
  return result.complete ? 0 : 1;
}

async function findOrStart({ options, signal, undo, tell }: Stage): Promise<Spanwarden> {
  const running = runningSpanwarden(options.home);
  if (running !== null) {
    tell(`spanwarden: using the one that runs at ${running.http}`);
    return running;
  }
  tell(`spanwarden: none runs in ${shown(options.home)}, starting one …`);
  const started = await startSpanwarden(options.home, (child) => undo(() => child.stop()), signal);
  tell(`spanwarden: started at ${started.http}`);
  return started;
}

/** Says whose accounts is, since it does not say so itself; what people said of it before is left alone. */
async function nameOwners(api: DemoApi, { tell }: Stage): Promise<void> {
  const owners = await api.owners();
  for (const { name, team } of SERVICES.filter(({ saysTeam }) => !saysTeam)) {
    const mapped = owners.find((owner) => owner.service === name && owner.source === 'mapping');
    if (mapped === undefined) {
      await api.setOwner(name, team);
      tell(`shop: ${name} does not say whose it is; PUT /api/v1/owners/${name} gives it to team ${team}`);
    } else if (mapped.team !== team) tell(`shop: ${name} belongs to team ${mapped.team} already`);
  }
}

/** Lets customers in for the time that was asked for, and collects what spanwarden says afterwards. */
async function measure(
  api: DemoApi,
  shop: Shop,
  leaks: readonly Leak[],
  spanwarden: Spanwarden,
  stage: Stage,
): Promise<DemoResult> {
  const since = new Date();
  const [status, before] = [await api.status(), await api.costsByService(startOfHour(since))];
  await driveTraffic(api, shop, leaks, since, status.spans_7d, stage);
  await shop.close();
  const { findings, policies, leaks: checked } = await settled(api, leaks, since, stage);
  const [after, owners] = [await api.costsByService(startOfHour(since)), await api.owners()];
  const { seconds, keep } = stage.options;
  const sorted = worstFirst(findings);
  const costs = costsOfRun(before, after, owners, seconds);
  return {
    spanwarden: {
      http: spanwarden.http,
      started_by_demo: spanwarden.child !== null,
      stays: spanwarden.child === null || keep,
    },
    seconds,
    traffic: shop.count(),
    spans: costs.total.spans,
    complete: notFound(checked).length === 0,
    leaks: checked,
    findings: sorted.map((finding) => ({ ...finding, url: `${spanwarden.http}/ui/findings/${finding.id}` })),
    costs,
    policies: inOrderOf(sorted, policies).map((policy) => ({ ...policy, url: `${spanwarden.http}/ui/policies` })),
  };
}

async function driveTraffic(
  api: DemoApi,
  shop: Shop,
  leaks: readonly Leak[],
  since: Date,
  spansBefore: number,
  { options, signal, tell }: Stage,
): Promise<void> {
  const stream = options.json ? process.stderr : process.stdout;
  const progress = new Progress(stream.isTTY ? stream : null, tell);
  tell(`customers: ${options.seconds} s of visits …`);
  const start = Date.now();
  shop.openDoors();
  try {
    for (let left = options.seconds; left > 0; ) {
      await sleep(Math.min(1, left) * 1000, undefined, { signal });
      const seconds = Math.min(options.seconds, (Date.now() - start) / 1000);
      const [{ spans_7d: spans }, { findings }] = [await api.status(), await received(api, leaks, since)];
      progress.update({ ...shop.count(), seconds, spans: spans - spansBefore, findings: findings.length });
      left = options.seconds - (Date.now() - start) / 1000;
    }
  } finally {
    progress.end();
  }
}

/** Waits until all is there that is expected: findings, and the policies for them, which a job suggests. */
async function settled(api: DemoApi, leaks: readonly Leak[], since: Date, { signal, tell }: Stage): Promise<Received> {
  tell('waiting until policies are suggested …');
  for (const deadline = Date.now() + SETTLE_MS; ; ) {
    const now = await received(api, leaks, since);
    const missing = notFound(now.leaks).length + notAnswered(now.leaks).length;
    if (missing === 0 || Date.now() > deadline) return now;
    await sleep(250, undefined, { signal });
  }
}

/** How to open the pages, which depends on who started spanwarden and whether it stays. */
function accessTo({ http, child, signInLink }: Spanwarden, { home, keep }: DemoOptions): Access {
  const token = process.env.SPANWARDEN_ADMIN_TOKEN ? 'SPANWARDEN_ADMIN_TOKEN' : `${shown(home)}/admin-token`;
  if (child === null) {
    return { base: http, hint: [`Pages: ${http}/ui/`, `The token to sign in with: ${token}`] };
  }
  if (keep) {
    return {
      base: http,
      hint: [
        `Pages: ${signInLink ?? `${http}/ui/`}`,
        `The link signs in once, within the hour. After that, the token to sign in with: ${token}`,
        'spanwarden runs until Ctrl-C.',
      ],
    };
  }
  const again = shown(home) === '.spanwarden' ? 'npm start' : `SPANWARDEN_HOME=${shown(home)} npm start`;
  return {
    base: '',
    hint: [
      `spanwarden stops now; what it found stays in ${shown(home)}. To look at it in the pages:`,
      `  ${again}`,
      'To open the pages while the demo waits for Ctrl-C:',
      '  npm run demo -- --keep',
    ],
  };
}
