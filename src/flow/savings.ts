import { UNOWNED } from '../engine/cost/ownership.js';
import type { Prices } from '../engine/cost/price.js';
import {
  type PlaceSums,
  promisedShare,
  promiseOf,
  type SavingPromise,
  type ServiceBaseline,
} from '../engine/cost/promise.js';
import { realisedSaving, type ServiceEffect } from '../engine/cost/realised.js';
import type { UsageEstimate } from '../engine/cost/usage-estimate.js';
import type { Interval } from '../engine/model/interval.js';
import type { Policy } from '../engine/model/policy.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { PolicySaving } from '../engine/model/saving.js';
import { teamsByService } from './costs.js';
import { costsByTeam, type SampledUsageStore } from './estimated-costs.js';
import type { Simulations, Window } from './ports.js';

/** A version of a policy that collectors get. */
export interface PolicyInForce {
  readonly id: string;
  readonly version: number;
  /** When it was approved. */
  readonly since: Date;
  readonly policy: Policy;
}

/** What is asked of a policy's place: bytes of its keys to spans, or of all that is sent to what that stands for. */
export interface PlaceQuestion {
  readonly window: Window;
  readonly services: readonly string[];
  readonly location: string;
  readonly key: string;
  /** The name that the key gets; '' where it keeps its own. */
  readonly renamedTo: string;
  readonly isSampling: boolean;
}

export interface SavingStore {
  /** One version of each policy that collectors get, those of which there is a promise first; at most `limit`. */
  inForce(tenant: string, limit: number): Promise<PolicyInForce[]>;
  /** Promises of policies, the latest version first. */
  promises(tenant: string, policies: readonly string[]): Promise<KeptPromise[]>;
  /** Keeps promises; one that is there stays as it is. */
  keep(tenant: string, promises: readonly KeptPromise[]): Promise<void>;
  /** Attributes of the days before it are known by the day alone; null where there are none. */
  foldedUntil(tenant: string): Promise<Date | null>;
  /** By question, those services that sent something. */
  placeSums(tenant: string, questions: readonly PlaceQuestion[]): Promise<PlaceSums[][]>;
  /** All services that were ever seen. */
  serviceNames(tenant: string): Promise<string[]>;
}

export interface KeptPromise {
  readonly policy: string;
  readonly version: number;
  readonly promise: SavingPromise;
}

/** A policy in force with what was promised of it and what was counted since. */
export interface PolicyEffect extends PolicyInForce {
  readonly promise: SavingPromise | null;
  /** Since it was approved, as far as it is asked for; null where that is nothing. */
  readonly window: Window | null;
  readonly sums: readonly PlaceSums[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Policies that are looked at. */
const MAX_POLICIES = 200;
/** What comes before the approval is the measure. */
const BASELINE_DAYS = 7;
/** Collectors have the policy within. */
const SETTLE_MS = 5 * 60_000;
/** There is no verdict below. */
const LEAST_HOURS = 6;
const LEAST_SPANS = 1_000;
/** Services below are left out. */
const LEAST_STEPS = 3;

/**
 * Keeps what policies promise that were approved and have no promise yet: of the seven days before the approval, or by the
 * newest simulation of that version. A later version of a policy is measured against the time before the first.
 *
 * @returns how many were kept
 */
export async function keepPromises(
  tenant: string,
  store: SavingStore,
  simulations: Simulations | null,
): Promise<number> {
  const policies = await store.inForce(tenant, MAX_POLICIES);
  const kept = await store.promises(
    tenant,
    policies.map(({ id }) => id),
  );
  const fresh = policies.filter(({ id, version }) => !kept.some((p) => p.policy === id && p.version === version));
  if (fresh.length === 0) return 0;
  const folded = await store.foldedUntil(tenant);
  const all = await store.serviceNames(tenant);
  const windows = fresh.map(({ since }) => aligned(before(since), folded));
  const sums = await store.placeSums(
    tenant,
    fresh.map((policy, i) => questionOf(policy, windows[i]!, all)),
  );
  const promises: KeptPromise[] = [];
  for (const [i, { id, version, policy }] of fresh.entries()) {
    const newest = (await simulations?.newest(tenant, id)) ?? null;
    const simulation = newest?.version === version && newest.state === 'done' ? newest : null;
    const own = promiseOf(policy, sums[i]!, windows[i]!, simulation);
    const earlier = kept.findLast(
      (p) => p.policy === id && p.promise.key === policy.key && p.promise.location === policy.location,
    );
    promises.push({ policy: id, version, promise: earlier === undefined ? own : inherited(own, earlier.promise) });
  }
  await store.keep(tenant, promises);
  return promises.length;
}

/** The ratios of before the first version, as far as it was of the same services. */
function inherited(own: SavingPromise, earlier: SavingPromise): SavingPromise {
  const known = new Map(earlier.services.map((row) => [row.service, row]));
  const names = new Set([...own.services, ...earlier.services].map(({ service }) => service));
  const ownRows = new Map(own.services.map((row) => [row.service, row]));
  const services = [...names].sort().map((service): ServiceBaseline => {
    const first = known.get(service);
    const row = ownRows.get(service);
    return first === undefined ? row! : { ...first, part: row?.part ?? first.part };
  });
  return { ...own, from: earlier.from, to: earlier.to, services };
}

/** Policies in force, with what was counted in a window since each of them was approved; keeps what they promise first. */
export async function policyEffects(
  tenant: string,
  window: Window,
  store: SavingStore,
  simulations: Simulations | null,
): Promise<PolicyEffect[]> {
  await keepPromises(tenant, store, simulations);
  const policies = (await store.inForce(tenant, MAX_POLICIES)).filter(({ since }) => since < window.to);
  if (policies.length === 0) return [];
  const [kept, folded, all] = await Promise.all([
    store.promises(
      tenant,
      policies.map(({ id }) => id),
    ),
    store.foldedUntil(tenant),
    store.serviceNames(tenant),
  ]);
  const windows = policies.map(({ since }) => aligned(after(since, window), folded));
  const measured = policies.flatMap((policy, i) =>
    lengthOf(windows[i]!) > 0 ? [{ policy, window: windows[i]! }] : [],
  );
  const sums = await store.placeSums(
    tenant,
    measured.map(({ policy, window: since }) => questionOf(policy, since, all)),
  );
  const byPolicy = new Map(measured.map(({ policy }, i) => [policy.id, sums[i]!]));
  return policies.map((policy, i) => ({
    ...policy,
    promise: kept.find((p) => p.policy === policy.id && p.version === policy.version)?.promise ?? null,
    window: byPolicy.has(policy.id) ? windows[i]! : null,
    sums: byPolicy.get(policy.id) ?? [],
  }));
}

function questionOf({ policy }: PolicyInForce, window: Window, all: readonly string[]): PlaceQuestion {
  const { action, location, key } = policy;
  const isSampling = action.kind === 'sample';
  // A trace is kept or dropped as a whole, whosever root it has.
  const services = isSampling || policy.services.length === 0 ? all : policy.services;
  return { window, services, location, key, renamedTo: action.kind === 'rename' ? action.to : '', isSampling };
}

function before(since: Date): Window {
  const day = Math.floor(since.getTime() / DAY) * DAY;
  return {
    from: new Date(day - BASELINE_DAYS * DAY),
    to: new Date(Math.floor(since.getTime() / HOUR) * HOUR),
  };
}

function after(since: Date, { from, to }: Window): Window {
  const settled = Math.ceil((since.getTime() + SETTLE_MS) / HOUR) * HOUR;
  return { from: new Date(Math.max(from.getTime(), settled)), to };
}

/** Whole days, as far as their hours are not known any more. */
function aligned({ from, to }: Window, folded: Date | null): Window {
  if (folded === null) return { from, to };
  const start = from < folded ? new Date(Math.ceil(from.getTime() / DAY) * DAY) : from;
  return { from: start, to: to < folded ? new Date(Math.floor(to.getTime() / DAY) * DAY) : to };
}

function lengthOf({ from, to }: Window): number {
  return to.getTime() - from.getTime();
}

/** What readers are told of the effects: of their services, at their prices. */
export interface SavingView {
  readonly isOurs: (service: string) => boolean;
  /** What a byte that was received of a service stands for. */
  readonly scaleOf: (service: string) => number;
  readonly prices: Pick<Prices, 'marginalPerByte' | 'marginalPerSpan'>;
}

/** Savings of policies that touch the services of a view, those that save most first. */
export function savingsOf(effects: readonly PolicyEffect[], view: SavingView): PolicySaving[] {
  const rows = effects.flatMap((effect) => savingOf(effect, view) ?? []);
  const amount = ({ measured, promised }: PolicySaving): number => measured?.bytes ?? promised.bytes ?? 0;
  return rows.sort((a, b) => amount(b) - amount(a) || (a.policy < b.policy ? -1 : 1));
}

function savingOf(effect: PolicyEffect, { isOurs, scaleOf, prices }: SavingView): PolicySaving | null {
  const { policy, promise, sums } = effect;
  const isSampling = policy.action.kind === 'sample';
  const baselines = (promise?.services ?? []).filter(({ service }) => isOurs(service));
  const named = isSampling ? baselines.map(({ service }) => service) : policy.services.filter(isOurs);
  if (named.length === 0) return null;
  const now = sums.filter(({ service }) => isOurs(service));
  const promisedNow = promise === null ? null : promisedShare({ ...promise, services: baselines });
  const common = {
    ...{ policy: effect.id, version: effect.version, title: policy.title, services: [...named].sort() },
    since: effect.since.toISOString(),
  };
  const promised = { method: promise?.method ?? ('none' as const), share: promisedNow };
  const reason = whyNoEvidence(effect, baselines, now, isSampling);
  if (reason !== '') {
    return {
      ...common,
      promised: { ...promised, bytes: null, money: null },
      ...{ measured: null, verdict: 'insufficient_evidence', reason },
    };
  }
  const effects = comparable(baselines, now).map(([row, since]): ServiceEffect => {
    const scale = isSampling ? 1 : scaleOf(row.service);
    return { before: row.ratio, now: since, bytes: since.bytes, scale, promised: row.part };
  });
  const { bytes, bytesInterval, share, shareInterval, promisedBytes } = realisedSaving(effects);
  const spans = now.reduce((sum, row) => sum + row.spans, 0);
  const sent = now.reduce((sum, row) => sum + row.bytes, 0);
  const perByte = prices.marginalPerByte + (isSampling && sent > 0 ? (spans / sent) * prices.marginalPerSpan : 0);
  const { from, to } = effect.window!;
  return {
    ...common,
    promised: { ...promised, bytes: promisedBytes, money: promisedBytes === null ? null : promisedBytes * perByte },
    measured: {
      ...{ from: from.toISOString(), to: to.toISOString() },
      ...{ share, shareInterval: shareInterval!, bytes, bytesInterval: bytesInterval! },
      money: bytes * perByte,
      moneyInterval: timesInterval(bytesInterval!, perByte),
    },
    verdict: promisedBytes === null ? 'no_promise' : bytesInterval!.high < promisedBytes ? 'missed' : 'kept',
    reason: '',
  };
}

function timesInterval({ low, high }: Interval, factor: number): Interval {
  return { low: low * factor, high: high * factor };
}

/** Services that are known well enough before and since. */
function comparable(baselines: readonly ServiceBaseline[], now: readonly PlaceSums[]): [ServiceBaseline, PlaceSums][] {
  const since = new Map(now.map((row) => [row.service, row]));
  return baselines.flatMap((row): [ServiceBaseline, PlaceSums][] => {
    const counted = since.get(row.service);
    return counted === undefined || row.steps < LEAST_STEPS || counted.steps < LEAST_STEPS ? [] : [[row, counted]];
  });
}

function whyNoEvidence(
  { promise, window }: PolicyEffect,
  baselines: readonly ServiceBaseline[],
  now: readonly PlaceSums[],
  isSampling: boolean,
): string {
  if (promise === null) return 'what came before it is not counted yet';
  const spansOf = (rows: readonly { readonly spans: number }[]): number =>
    rows.reduce((sum, row) => sum + row.spans, 0);
  const was = spansOf(baselines);
  if (was < LEAST_SPANS) return tooFew(was, 'in the seven days before it was approved');
  if (window === null || lengthOf(window) < LEAST_HOURS * HOUR) {
    return `it is in force for less than ${LEAST_HOURS} whole hours of the window`;
  }
  const is = spansOf(now);
  if (is < LEAST_SPANS) return tooFew(is, 'since it was approved');
  if (isSampling && now.some(({ unweighed }) => unweighed > 0)) {
    return 'not all spans say in their tracestate how they were sampled';
  }
  if (comparable(baselines, now).length === 0)
    return `no service sent spans in ${LEAST_STEPS} hours or days before and since`;
  return '';
}

function tooFew(spans: number, when: string): string {
  return `only ${spans} spans came ${when}, and ${LEAST_SPANS} are needed`;
}

/** What policies in force save in a window, for all or for the services of a team, in the prices of some models. */
export async function windowSavings(
  tenant: string,
  window: Window,
  team: string | null,
  store: SavingStore,
  simulations: Simulations | null,
  usage: SampledUsageStore,
  models: readonly PriceModel[],
): Promise<PolicySaving[]> {
  const [effects, { costs, estimates }, teams] = await Promise.all([
    policyEffects(tenant, window, store, simulations),
    costsByTeam(tenant, window, usage, models),
    teamsByService(tenant, usage, new Date(window.to.getTime() - 1)),
  ]);
  const isOurs = (service: string): boolean => team === null || (teams.get(service) ?? UNOWNED) === team;
  return savingsOf(effects, { isOurs, scaleOf: scaleOf(estimates), prices: costs.prices });
}

/** What a byte that was received of a service stands for; 1 where nothing of it was. */
export function scaleOf(estimates: readonly UsageEstimate[]): (service: string) => number {
  const sums = new Map<string, { received: number; estimated: number }>();
  for (const { service, receivedBytes, bytes } of estimates) {
    const sum = sums.get(service) ?? { received: 0, estimated: 0 };
    sums.set(service, { received: sum.received + receivedBytes, estimated: sum.estimated + bytes.value });
  }
  return (service) => {
    const sum = sums.get(service);
    return sum === undefined || sum.received === 0 ? 1 : sum.estimated / sum.received;
  };
}
