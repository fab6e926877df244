import type { EffectCounts, Volume } from '../../../engine/model/simulation.js';
import type { SimulationReport } from '../report.js';

/** One document, with names as the API has them. */
export function json(report: SimulationReport): string {
  return `${JSON.stringify(documentOf(report), null, 2)}\n`;
}

/** The report as plain data; lists hold rows. */
export function documentOf({ files, policies, counts, conflicts, saving, price }: SimulationReport) {
  const { before, after, spansTouched, effects, services, attributes, findings, otherFindings, traces } = counts;
  return {
    files: files.map(({ file, spans, rejectedSpans, problems }) => ({
      ...{ file, spans, rejected_spans: rejectedSpans, problems },
    })),
    total: {
      ...changeOf(before, after),
      spans_touched: spansTouched,
      ...effectsOf(effects.reduce(addEffects, NO_EFFECTS)),
    },
    policies: policies.map((policy) => ({
      ...policy,
      ...effectsOf(effects.filter((row) => row.policy === policy.id).reduce(addEffects, NO_EFFECTS)),
    })),
    effects: effects.map(({ policy, service, ...row }) => ({ policy, service, ...effectsOf(row) })),
    services: services.map((row) => ({ service: row.service, ...changeOf(row.before, row.after) })),
    attributes,
    findings: findings.map((row) => ({ ...row, change: changeName(row) })),
    other_findings: otherFindings,
    traces: {
      ...{ whole: traces.whole, incomplete: traces.broken + traces.open },
      classes: traces.classes.map((row) => ({
        class: row.class,
        ...{ traces_kept: row.keptTraces, traces_dropped: row.droppedTraces },
        ...{ spans_kept: row.keptSpans, spans_dropped: row.droppedSpans },
      })),
    },
    conflicts,
    saving: saving && {
      spans: saving.spans,
      spans_interval: saving.spansInterval,
      bytes: saving.bytes,
      bytes_interval: saving.bytesInterval,
      money: saving.money,
      money_interval: saving.moneyInterval,
      currency: price?.currency ?? null,
      price: price?.id ?? null,
    },
  };
}

export const NO_EFFECTS: EffectCounts = { masked: 0, removed: 0, renamed: 0, generalised: 0, dropped: 0, bytes: 0 };

export function addEffects(a: EffectCounts, b: EffectCounts): EffectCounts {
  return {
    masked: a.masked + b.masked,
    removed: a.removed + b.removed,
    renamed: a.renamed + b.renamed,
    generalised: a.generalised + b.generalised,
    dropped: a.dropped + b.dropped,
    bytes: a.bytes + b.bytes,
  };
}

export function effectsOf({ masked, removed, renamed, generalised, dropped, bytes }: EffectCounts) {
  return {
    values_masked: masked,
    keys_removed: removed,
    keys_renamed: renamed,
    span_names_generalised: generalised,
    spans_dropped_singly: dropped,
    attribute_bytes_removed: bytes,
  };
}

function changeOf(before: Volume, after: Volume) {
  return {
    spans: before.spans,
    bytes_before: before.bytes,
    bytes_after: after.bytes,
    bytes_removed: before.bytes - after.bytes,
    spans_dropped: before.spans - after.spans,
  };
}

/** What becomes of a finding. */
export function changeName({ before, after }: { before: number; after: number }): 'gone' | 'less' | 'remains' | 'new' {
  if (after === 0) return 'gone';
  if (before === 0) return 'new';
  return after < before ? 'less' : 'remains';
}
