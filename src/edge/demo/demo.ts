import { once } from 'node:events';
import { accessTo } from './access.js';
import { DemoApi } from './api.js';
import { readLeaks } from './leaks.js';
import { runLoop } from './loop.js';
import { measure } from './measure.js';
import { SERVICES, startShop } from './shop.js';
import { runningSpanwarden, type Spanwarden, shown, startSpanwarden } from './spanwarden.js';
import type { DemoOptions, Stage } from './stage.js';
import { loopText, resultText } from './text.js';

const INTERRUPTED = 130;

/**
 * Runs the shop of `examples/shop` for a while and shows what spanwarden makes of its traces. Uses the spanwarden that
 * runs in the home folder, or starts one; what it started is stopped however it ends.
 *
 * @returns 0 when every planted leak was found, or with a collector every step was seen, 1 when not, 130 when it was interrupted
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
  const letGo = listen(interrupt);
  try {
    return await run({ options, signal: interruption.signal, undo: (what) => void undoes.push(what), tell });
  } catch (error) {
    if (interruption.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    for (const undo of undoes.reverse()) await attempt(undo, tell);
    letGo();
  }
}

/** Calls back when somebody wants the demo to end: a signal, or an output that nobody reads, as in `… | head`. */
function listen(interrupt: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const streams = [process.stdout, process.stderr];
  for (const signal of signals) process.on(signal, interrupt);
  for (const stream of streams) stream.on('error', interrupt);
  return () => {
    for (const signal of signals) process.off(signal, interrupt);
    for (const stream of streams) stream.off('error', interrupt);
  };
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
  const spanwarden = await findOrStart(stage);
  const api = new DemoApi(spanwarden.http, spanwarden.token, signal);
  const isComplete =
    options.withCollector === true ? await loop(api, spanwarden, stage) : await show(api, spanwarden, stage);
  const waits = spanwarden.child !== null && options.keep;
  if (waits && !signal.aborted) await Promise.race([once(signal, 'abort'), spanwarden.child?.ended]);
  return isComplete ? 0 : 1;
}

/** A policy from the leak to its proof. Gives whether every step was seen. */
async function loop(api: DemoApi, spanwarden: Spanwarden, stage: Stage): Promise<boolean> {
  const { options } = stage;
  const result = await runLoop(api, spanwarden, stage);
  if (options.json) options.say(JSON.stringify(result, null, 2));
  else for (const line of loopText(result, accessTo(spanwarden, options))) options.say(line);
  return result.missing === null;
}

/** What the shop leaks and costs, and what fixes it. Gives whether every planted leak was found. */
async function show(api: DemoApi, spanwarden: Spanwarden, stage: Stage): Promise<boolean> {
  const { options, tell } = stage;
  const leaks = readLeaks();
  tell('shop: starting PostgreSQL, accounts, checkout and storefront …');
  const shop = await startShop(spanwarden.otlpHttp, stage);
  await nameOwners(api, stage);
  const result = await measure(api, shop, leaks, spanwarden, stage);
  if (options.json) options.say(JSON.stringify(result, null, 2));
  else for (const line of resultText(result, accessTo(spanwarden, options))) options.say(line);
  return result.complete;
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
