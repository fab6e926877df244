import { type ConfigStatus, type Labels, selects } from '../model/collector.js';
import type { PolicyAction } from '../model/policy.js';
import type { PolicySetSettings, Proof, RolledVersion, Rollout } from '../model/rollout.js';

/** A collector of the stages that have the version, as far as it says what became of it. */
export interface StageCollector {
  readonly id: string;
  /** Of the configuration that it is to have now. */
  readonly status: ConfigStatus;
  readonly isOffline: boolean;
}

/** Spans of the policy's services, by minute, where the version is in force and where it is not yet. */
export interface SpanRates {
  /** Share of spans that is to be left by the simulation; 1 where the policy drops none. */
  readonly expected: number;
  readonly before: { readonly spans: number; readonly minutes: number };
  readonly after: { readonly spans: number; readonly minutes: number };
}

export interface RolloutFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly collectors: readonly StageCollector[];
  readonly proof: Proof;
  /** Null where the data cannot say. */
  readonly rates: SpanRates | null;
}

/** What becomes of a roll-out: `advance` to the next stage, or `finish` after the last one. */
export type RolloutStep =
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'advance' }
  | { readonly kind: 'finish' }
  | { readonly kind: 'halt'; readonly reason: string; readonly isWithdrawn: boolean };

/** Spans and minutes from which on a rate says something. */
const RATE_SPANS = 1_000;
const RATE_MINUTES = 5;
/** Below this part of what is expected spans are missing; traffic of services varies by less within an hour. */
const MISSING = 0.5;
const NAMED = 3;

/** A roll-out that begins: the stages of the set, and all collectors at the end. */
export function beginRollout(stages: Rollout['stages'], now: number): Rollout {
  const isComplete = Object.keys(stages.at(-1)?.labels ?? { none: '' }).length === 0;
  const all = isComplete ? stages : [...stages, { name: 'all', labels: {} }];
  const started = { stageSince: now, evidenceFrom: now };
  return { stages: all, stage: 0, status: 'running', ...started, isWithdrawn: false, reason: '' };
}

/** Whether collectors with these labels get the version. */
export function reaches({ stages, stage, isWithdrawn }: Rollout, labels: Labels): boolean {
  return !isWithdrawn && stages.slice(0, stage + 1).some((one) => selects(one.labels, labels));
}

/** Of each policy the latest version that has reached a collector with these labels, in the order of the ids. */
export function inForce(versions: readonly RolledVersion[], labels: Labels): RolledVersion[] {
  const latest = new Map<string, RolledVersion>();
  for (const one of versions) {
    if (!reaches(one.rollout, labels)) continue;
    const known = latest.get(one.id);
    if (known === undefined || known.version < one.version) latest.set(one.id, one);
  }
  return [...latest.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether data is gone for good that somebody may still want. */
export function losesData({ kind }: PolicyAction): boolean {
  return !KEEPS.has(kind);
}
const KEEPS: ReadonlySet<PolicyAction['kind']> = new Set([
  ...(['mask', 'mask-value', 'hash', 'keyed-hash', 'rename', 'template'] as const),
]);

/** What a running roll-out does next. */
export function nextStep(
  rollout: Rollout,
  { advance, soakSeconds }: Pick<PolicySetSettings, 'advance' | 'soakSeconds'>,
  facts: RolloutFacts,
): RolloutStep {
  const wrong = whatIsWrong(facts);
  if (wrong !== null) return wrong;
  const isLast = rollout.stage === rollout.stages.length - 1;
  const late = facts.collectors.filter(({ status, isOffline }) => !isOffline && status !== 'applied');
  if (late.length > 0) return { kind: 'wait', why: `${named(late)} ${have(late)} not applied it yet.` };
  const left = Math.ceil((rollout.stageSince + soakSeconds * 1000 - facts.now) / 1000);
  if (left > 0) return { kind: 'wait', why: `The stage lasts ${left} seconds more.` };
  if (facts.proof.verdict !== 'proved') return { kind: 'wait', why: facts.proof.why };
  if (isLast) return { kind: 'finish' };
  return advance === 'auto' ? { kind: 'advance' } : { kind: 'wait', why: 'It is proved, and waits for somebody.' };
}

/** What halts a roll-out, and ends what a version does that was active already; null for nothing. */
export function whatIsWrong({ collectors, proof, rates }: RolloutFacts): (RolloutStep & { kind: 'halt' }) | null {
  const failed = collectors.filter(({ status }) => status === 'failed');
  if (failed.length > 0) {
    return { kind: 'halt', reason: `${named(failed)} could not apply it.`, isWithdrawn: true };
  }
  if (proof.verdict === 'failed') return { kind: 'halt', reason: proof.why, isWithdrawn: false };
  const missing = rates === null ? null : missingSpans(rates);
  return missing === null ? null : { kind: 'halt', reason: missing, isWithdrawn: true };
}

function missingSpans({ expected, before, after }: SpanRates): string | null {
  if (before.spans < RATE_SPANS || before.minutes < RATE_MINUTES || after.minutes < RATE_MINUTES) return null;
  const share = after.spans / after.minutes / (before.spans / before.minutes);
  if (share >= MISSING * expected) return null;
  const percent = (part: number): string => `${Math.round(100 * part)} %`;
  return `${percent(share)} of the spans are left, where ${percent(expected)} are expected.`;
}

function named(collectors: readonly StageCollector[]): string {
  const names = collectors.slice(0, NAMED).map(({ id }) => id);
  const more = collectors.length - names.length;
  const list = more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
  return `${collectors.length === 1 ? 'Collector' : 'Collectors'} ${list}`;
}

function have(collectors: readonly StageCollector[]): string {
  return collectors.length === 1 ? 'has' : 'have';
}
