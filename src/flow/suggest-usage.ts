import { suggestForAttribute, TRUNCATE_TO } from '../engine/cardinality/suggestions.js';
import { STRING } from '../engine/model/location.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import type { UsageFacts, UsedAttribute, UsedSpanName } from '../engine/policy/suggest-usage.js';
import type { AttributeUsage, SpanNameStore, UsageStore, Window } from './ports.js';
import { MAX_TEMPLATES } from './span-names.js';

/** Attributes with the most bytes; what comes behind them is not worth a policy. */
const MAX_ATTRIBUTES = 2_000;

/** What services sent in a window, as suggestions of policies want to know it. */
export async function usageFacts(
  tenant: string,
  window: Window,
  { usage, spanNames, conventions }: UsageSources,
): Promise<Omit<UsageFacts, 'findingsOf'>> {
  const [rows, services, names] = await Promise.all([
    usage.attributes(tenant, window, {}, MAX_ATTRIBUTES, 0),
    usage.usage(tenant, window),
    spanNames.counts(tenant, window, {}, MAX_TEMPLATES),
  ]);
  const totals = new Map<string, Totals>();
  for (const { service, spans, bytes } of services) {
    const sum = totals.get(service) ?? { spans: 0, bytes: 0 };
    totals.set(service, { spans: sum.spans + spans, bytes: sum.bytes + bytes });
  }
  return {
    attributes: attributesOf(rows, totals, conventions),
    names: namesOf(names, totals),
    successorOf: (key) => conventions.renamedTo(key),
    truncateTo: TRUNCATE_TO,
  };
}

export interface UsageSources {
  readonly usage: UsageStore;
  readonly spanNames: SpanNameStore;
  readonly conventions: ConventionRegistry;
}

interface Totals {
  readonly spans: number;
  readonly bytes: number;
}
const NOTHING: Totals = { spans: 0, bytes: 0 };
/** Those that have no text, or none alone. */
const NOT_TEXT = ~((1 << STRING) | 1);

function attributesOf(
  rows: readonly AttributeUsage[],
  totals: ReadonlyMap<string, Totals>,
  conventions: ConventionRegistry,
): UsedAttribute[] {
  const groups = new Map<string, AttributeUsage[]>();
  for (const row of rows) {
    const place = `${row.service}\0${row.location}\0${row.key}`;
    groups.set(place, [...(groups.get(place) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const [{ service, location, key }] = group as [AttributeUsage, ...AttributeUsage[]];
    const [observations, bytes] = [sumOf(group, 'observations'), sumOf(group, 'bytes')];
    const distinct = distinctOf(group);
    const total = totals.get(service) ?? NOTHING;
    const shareOfBytes = total.bytes === 0 ? 0 : bytes / total.bytes;
    const advice = suggestForAttribute({
      ...{ key, location, observations, distinct, bytes, shareOfBytes, spans: total.spans },
      class: group.every((row) => row.growthClass === group[0]!.growthClass) ? group[0]!.growthClass : 'bounded',
      shapes: group.flatMap(({ shapes }) => shapes),
      isText: group.every(({ types }) => (types & NOT_TEXT) === 0),
      isSensitive: false,
      isKnown: conventions.find(key) !== undefined,
      isInResource: location !== 'resource' && groups.has(`${service}\0resource\0${key}`),
    });
    return {
      ...{ service, location, key, observations, bytes, distinct, shareOfBytes },
      advice: advice.flatMap(({ action, savedBytes }) =>
        action === 'drop' || action === 'truncate' ? [{ action, savedBytes }] : [],
      ),
    };
  });
}

function sumOf(rows: readonly AttributeUsage[], field: 'observations' | 'bytes'): number {
  return rows.reduce((sum, row) => sum + row[field], 0);
}

function distinctOf([first, ...others]: readonly AttributeUsage[]): number {
  if (others.length === 0) return first!.values.estimate().distinct;
  const all = first!.values.clone();
  for (const { values } of others) all.merge(values);
  return all.estimate().distinct;
}

function namesOf(
  rows: readonly { readonly service: string; readonly template: string; readonly spans: number }[],
  totals: ReadonlyMap<string, Totals>,
): UsedSpanName[] {
  const sums = new Map<string, { service: string; name: string; spans: number }>();
  for (const { service, template, spans } of rows) {
    const sum = sums.get(`${service}\0${template}`) ?? { service, name: template, spans: 0 };
    sum.spans += spans;
    sums.set(`${service}\0${template}`, sum);
  }
  return [...sums.values()].map((sum) => {
    const { spans } = totals.get(sum.service) ?? NOTHING;
    return { ...sum, share: spans === 0 ? 0 : sum.spans / spans };
  });
}
