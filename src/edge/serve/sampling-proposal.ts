import type { SampleAction } from '../../engine/model/policy.js';
import type { OperationRate, SamplingStage } from '../../engine/model/sampling.js';
import { minus, type Volume } from '../../engine/policy/sampling-traffic.js';
import { POLICY_TARGETS } from '../../engine/policy/targets/index.js';
import { type Problem, problem } from '../../engine/problem.js';
import { type Proposal, type SamplingWish, samplingPolicy } from '../../flow/sampling-proposal.js';
import type * as contract from './contract.js';

type Body = (typeof contract.SamplingProposalBody)['_zod']['output'];

const SLOW_PERCENTILE = 99;

export function wishOf({ stage, services, environment, budget, keep, floor, adaptive }: Body): SamplingWish {
  const isTail = stage === 'tail';
  const percentile = keep.slow_percentile === undefined && isTail ? SLOW_PERCENTILE : (keep.slow_percentile ?? null);
  return {
    ...{ stage, services, environment, budget, floor, adaptive, critical: keep.critical },
    keepErrors: keep.errors ?? isTail,
    slowPercentile: keep.slower_than_ms === null ? percentile : null,
    slowerThanMs: keep.slower_than_ms,
  };
}

type Kept = Pick<SamplingWish, 'keepErrors' | 'slowPercentile' | 'slowerThanMs' | 'critical'> & {
  readonly operations: readonly OperationRate[];
};

/** What a stage cannot know when it decides; nothing of it is dropped silently. */
export function keepProblems(
  stage: SamplingStage,
  services: readonly string[],
  environment: string,
  { keepErrors, slowPercentile, slowerThanMs, critical, operations }: Kept,
  where: string,
): Problem[] {
  const wrong = (field: string, what: string, allowed: string): Problem =>
    problem('invalid', `${where}.${field}`, what, allowed);
  if (stage === 'tail') return [];
  const isSdk = stage === 'sdk';
  const unknown = isSdk ? 'not known when a trace begins' : 'not known by the trace id';
  const complete = 'the stage tail, which has complete traces';
  const roots = critical.every(({ kind }) => kind === 'name');
  return [
    ...(keepErrors ? [wrong('keep.errors', unknown, complete)] : []),
    ...(slowPercentile !== null || slowerThanMs !== null ? [wrong('keep', `durations: ${unknown}`, complete)] : []),
    ...(critical.length > 0 && (!isSdk || !roots)
      ? [wrong('keep.critical', unknown, isSdk ? 'names of root spans' : complete)]
      : []),
    ...(environment !== '' ? [wrong('environment', unknown, `none, or ${complete}`)] : []),
    ...(!isSdk && services.length > 0 ? [wrong('services', unknown, 'none, or the stage sdk or tail')] : []),
    ...(!isSdk && operations.length > 0 ? [wrong('operations', unknown, 'none, or the stage sdk or tail')] : []),
  ];
}

export function shownProposal(services: readonly string[], proposal: Proposal): contract.SamplingProposal {
  const { verdict, reason, window, seconds, action, effect, saving, cost, operations, notes } = proposal;
  return {
    ...{ verdict, reason, cost, notes: [...notes] },
    window: { start: window.from.toISOString(), end: window.to.toISOString(), counted_seconds: seconds },
    policy: action && { services: [...services], action: action as SampleAction & contract.SampleActionBody },
    offered: effect && volume(effect.offered),
    kept: effect && volume(effect.kept),
    classes: (effect?.classes ?? []).map(({ name, offered, kept }) => ({
      class: name,
      ...{ offered: volume(offered), kept: volume(kept), dropped: volume(minus(offered, kept)) },
    })),
    per_second: effect && {
      spans_before: effect.offered.spans / seconds,
      spans_after: effect.kept.spans / seconds,
      bytes_before: effect.offered.bytes / seconds,
      bytes_after: effect.kept.bytes / seconds,
    },
    saving: saving && {
      spans_per_month: Math.max(0, saving.spans),
      bytes_per_month: Math.max(0, saving.bytes),
      money_per_month: saving.money,
    },
    operations: operations.map((one) => ({ ...one, offered: volume(one.offered), kept: volume(one.kept) })),
    targets: action === null ? [] : targetsOf(services, action),
  };
}

/** What each product cannot do of a policy, or does otherwise. */
export function targetsOf(services: readonly string[], action: SampleAction) {
  const policy = samplingPolicy('proposed', services, action, {});
  return Object.entries(POLICY_TARGETS).map(([target, render]) => {
    const { unsupported, notes = [] } = render([{ id: 'proposed', version: 1, state: 'suggested', policy }]);
    return { target, unsupported: unsupported.map((one) => one.reason), notes: notes.map((one) => one.note) };
  });
}

/** Whole traces and spans; estimates below 0 are noise of the arithmetic. */
function volume({ traces, spans, bytes }: Volume): Volume {
  const whole = (value: number): number => Math.max(0, Math.round(value));
  return { traces: whole(traces), spans: whole(spans), bytes: whole(bytes) };
}
