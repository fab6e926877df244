import type { Location } from '../../engine/model/location.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import type { SimulatedCounts } from '../../engine/model/simulation.js';
import { slowMsOf } from '../../engine/policy/gather-traces.js';
import { isSampling } from '../../engine/policy/sampling-rules.js';
import { statementsOf } from '../../engine/policy/statements.js';
import { type SimulatedSaving, whyNoTraces } from '../../flow/simulated-saving.js';
import { plural } from '../scan/describe.js';
import type * as contract from '../serve/contract/simulations.js';
import { addEffects, changeName, effectsOf, NO_EFFECTS } from '../simulate/formats/json.js';
import type { SimulationRow } from '../store/entities/simulations.js';
import type { SimulationProgress } from '../store/simulation-store.js';

/** A simulation with all that is known of it. */
export interface ShownSimulation {
  readonly row: SimulationRow;
  readonly progress: SimulationProgress;
  readonly isCurrent: boolean;
  readonly saving: SimulatedSaving;
  readonly price: PriceModel | null;
}

export function showSimulation(
  { row, progress, isCurrent, saving, price }: ShownSimulation,
  now: Date,
): contract.Simulation {
  const { counts } = progress;
  const isRunning = row.state === 'running';
  const left = isRunning ? Math.max(0, row.endsAt.getTime() - now.getTime()) : 0;
  const duration = Math.max(1, row.endsAt.getTime() - row.startedAt.getTime());
  return {
    ...{ id: row.id, policy_id: row.policyId, version: row.version, is_current: isCurrent },
    ...{ state: row.state, ended_by: isRunning ? null : row.endedBy, author: row.author },
    started_at: row.startedAt.toISOString(),
    ends_at: row.endsAt.toISOString(),
    progress: {
      spans: progress.spans,
      max_spans: row.maxSpans,
      seconds_left: Math.ceil(left / 1000),
      share: isRunning ? Math.min(1, Math.max(progress.spans / row.maxSpans, 1 - left / duration)) : 1,
      requests: progress.requests,
      skipped_requests: progress.skipped,
    },
    note: whyNothing(row, progress),
    total: {
      ...changeOf(counts.before, counts.after),
      spans_touched: counts.spansTouched,
      ...totalEffects(counts),
      findings_before: counts.findings.reduce((sum, { before }) => sum + before, counts.otherFindings.before),
      findings_after: counts.findings.reduce((sum, { after }) => sum + after, counts.otherFindings.after),
    },
    traces: showTraces(row, counts),
    saving: showSaving(saving, price),
  };
}

export function showDetail(shown: ShownSimulation, now: Date): contract.SimulationDetail {
  const { services, attributes, findings, otherFindings } = shown.progress.counts;
  return {
    ...showSimulation(shown, now),
    services: services.map((row) => ({ service: row.service, ...changeOf(row.before, row.after) })),
    attributes: attributes.map((row) => ({ ...row })),
    findings: findings.map((row) => ({ ...row, change: changeName(row) })),
    other_findings: otherFindings,
  };
}

function changeOf(before: { spans: number; bytes: number }, after: { spans: number; bytes: number }) {
  return {
    ...{ spans: before.spans, spans_dropped: before.spans - after.spans },
    ...{ bytes_before: before.bytes, bytes_after: after.bytes, bytes_removed: before.bytes - after.bytes },
  };
}

function totalEffects({ effects }: SimulatedCounts) {
  const { attribute_bytes_removed: _, ...counts } = effectsOf(effects.reduce(addEffects, NO_EFFECTS));
  return counts;
}

function showTraces(
  { policyId, version, body }: SimulationRow,
  { traces }: SimulatedCounts,
): contract.Simulation['traces'] {
  const policy = { id: policyId, version, state: 'suggested' as const, policy: body };
  if (!isSampling(policy)) return null;
  const reason = whyNoTraces(traces);
  return {
    ...{ verdict: reason === null ? 'estimated' : 'insufficient_evidence', reason: reason ?? '' },
    ...{ whole: traces.whole, broken: traces.broken, open: traces.open, slow_ms: slowMsOf([policy]) },
    classes: traces.classes.map((row) => ({
      class: row.class,
      ...{ traces_kept: row.keptTraces, traces_dropped: row.droppedTraces },
      ...{ spans_kept: row.keptSpans, spans_dropped: row.droppedSpans },
    })),
  };
}

const NO_SAVING = {
  ...{ bytes: null, bytes_interval: null, spans: null, spans_interval: null, money: null, money_interval: null },
  basis: '',
};

function showSaving(saving: SimulatedSaving, price: PriceModel | null): contract.Simulation['saving'] {
  const of = { currency: price?.currency ?? null, price_model: price?.id ?? null };
  if (saving.verdict === 'insufficient_evidence') return { ...NO_SAVING, ...saving, ...of };
  const { bytes, bytesInterval, spans, spansInterval, money, moneyInterval } = saving.saving;
  return {
    ...{ verdict: saving.verdict, reason: '', basis: saving.basis },
    ...{ bytes, bytes_interval: bytesInterval, spans, spans_interval: spansInterval },
    ...{ money, money_interval: moneyInterval, ...of },
  };
}

const PLACES: Readonly<Record<Location, string>> = {
  resource: 'resource attribute',
  scope: 'scope attribute',
  span: 'span attribute',
  event: 'event attribute',
  link: 'link attribute',
  span_name: 'span name',
  status: 'status message',
};

/** In words, what keeps a simulation from showing anything. */
function whyNothing({ body }: SimulationRow, progress: SimulationProgress): string | null {
  const { processes, requests, skipped, spans, counts } = progress;
  if (counts.before.spans > 0) return counts.spansTouched > 0 || body.action.kind === 'sample' ? null : untouched();
  if (processes === 0) return 'No process that receives spans has taken part yet.';
  if (requests === 0) return 'No spans have come in since it began.';
  if (body.action.kind === 'sample') {
    return spans === 0
      ? `Of ${plural(requests, 'request')} none had a trace that it looks at.`
      : 'No trace is complete yet that the policy speaks of.';
  }
  const services = body.services.join(', ');
  if (skipped === 0) return `${plural(requests, 'request')} came in, none with spans of its services: ${services}.`;
  return `${plural(skipped, 'request')} with spans of its services passed over: no time, or too large.`;

  function untouched(): string {
    if (statementsOf(body) === null) return 'A collector cannot carry out what the policy says, so it changes nothing.';
    const place = `${PLACES[body.location]} ${body.key}`;
    return `None of ${plural(counts.before.spans, 'span')} has what the policy changes: ${place}.`;
  }
}
