import { addShape, OVERFLOW } from '../engine/aggregate/rollup-builder.js';
import type { NamingFinding } from '../engine/model/naming-finding.js';
import type { Hour, SpanNameRow } from '../engine/model/rollup.js';
import { Sketch } from '../engine/model/sketch.js';
import { conventionalName } from '../engine/naming/conventional-name.js';
import { type CountedName, drain, valuesOf } from '../engine/naming/drain.js';
import { type Distinct, distinctOf, type Growth, growthOf } from '../engine/naming/growth.js';
import { type IdAttribute, idAttributes } from '../engine/naming/id-attribute.js';
import { characterClasses } from '../engine/naming/id-form.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { hasIds, spanNameTemplate } from '../engine/naming/span-name.js';
import { areaOf } from '../engine/naming/span-name-area.js';
import { checkSpanName, suggestedName } from '../engine/naming/span-name-rules.js';
import { type SpanNameVerdict, spanNameVerdict } from '../engine/naming/span-name-verdict.js';
import type { SpanNameCount, SpanNameFilter, SpanNameStore, UsageStore, Window } from './ports.js';

/** What is known of the span names of one template, in a service, environment and span kind. */
export interface AuditedSpanName {
  readonly service: string;
  readonly environment: string;
  readonly spanKind: number;
  readonly template: string;
  readonly spans: number;
  readonly errorSpans: number;
  /** Of the spans of its service and environment, 0 to 1. */
  readonly share: number;
  readonly bytes: number;
  readonly names: Distinct;
  readonly growth: Growth | null;
  readonly verdict: SpanNameVerdict;
  readonly shapes: readonly string[];
  /** Where the ids of the names should be. */
  readonly attributes: readonly IdAttribute[];
  /** A general name instead; null where the template is one, or nothing in it names an operation. */
  readonly suggestedName: string | null;
  /** How the conventions name such spans, from attributes that the service sends; null where they do not. */
  readonly convention: string | null;
  readonly findings: readonly NamingFinding[];
}

/** Templates that are told apart in one answer; those with the fewest spans are counted together under `OVERFLOW`. */
export const MAX_TEMPLATES = 20_000;

/** Gives the template that the names of a service and span kind have together, whatever form they are stored in. */
export class TemplateMiner {
  private readonly mined = new Map<string, ReadonlyMap<string, string>>();

  /** Environments run the same code, so their names are looked at together. */
  constructor(counts: readonly SpanNameCount[]) {
    const groups = new Map<string, CountedName[]>();
    for (const { service, spanKind, template, spans } of counts) {
      const group = `${service}\0${spanKind}`;
      const names = groups.get(group) ?? [];
      names.push({ template: spanNameTemplate(template), spans });
      groups.set(group, names);
    }
    for (const [group, names] of groups) this.mined.set(group, drain(names));
  }

  /** A stored template is mined again: it may be of a version that knew fewer ids. */
  templateOf({ service, spanKind, template }: Pick<SpanNameCount, 'service' | 'spanKind' | 'template'>): string {
    const own = spanNameTemplate(template);
    return this.mined.get(`${service}\0${spanKind}`)?.get(own) ?? own;
  }
}

/**
 * Span names of a window by template, those first that need a hand the most: by the worst level of their findings, then
 * by the number of names. Templates are mined here and not where spans are received, so that they depend on what was
 * seen and not on the order and the thread in which it was.
 */
export async function auditSpanNames(
  tenant: string,
  window: Window,
  filter: SpanNameFilter,
  store: SpanNameStore,
  usage: Pick<UsageStore, 'attributeTypes'>,
  conventions: ConventionRegistry,
): Promise<AuditedSpanName[]> {
  const counts = await store.counts(tenant, window, filter, MAX_TEMPLATES);
  const sums = new Sums(counts);
  for await (const rows of store.hours(tenant, window, filter)) for (const row of rows) sums.add(row);
  const sent = keysByService(await usage.attributeTypes(tenant));
  return [...sums.all()].map((sum) => audited(sum, sums.spansOf(sum), sent, conventions)).sort(byImpact);
}

/** What rows of a template add up to, and the same for the earlier half of the hours in which its service was seen. */
interface Sum extends Omit<SpanNameRow, 'hour'> {
  readonly earlier: { spans: number; readonly names: Sketch };
}

class Sums {
  private readonly sums = new Map<string, Sum>();
  private readonly known = new Map<string, string>();
  private readonly spans = new Map<string, number>();
  /** By service and environment: the first hour of the later half. */
  private readonly middle = new Map<string, Hour>();

  constructor(counts: readonly SpanNameCount[]) {
    const miner = new TemplateMiner(counts);
    for (const count of counts) this.known.set(keyOf(count, count.template), miner.templateOf(count));
    const hours = new Map<string, [Hour, Hour]>();
    for (const count of counts) {
      const [first, last] = hours.get(placeOf(count)) ?? [count.firstHour, count.lastHour];
      hours.set(placeOf(count), [Math.min(first, count.firstHour), Math.max(last, count.lastHour)]);
    }
    for (const [place, [first, last]] of hours) this.middle.set(place, first === last ? first : (first + last + 1) / 2);
  }

  add(row: SpanNameRow): void {
    const template = this.known.get(keyOf(row, row.template)) ?? OVERFLOW;
    const sum = this.sumOf(row, template);
    sum.spans += row.spans;
    sum.errorSpans += row.errorSpans;
    sum.bytes += row.bytes;
    sum.names.merge(row.names);
    for (const shape of row.shapes) addShape(sum.shapes, shape);
    for (const word of valuesOf(spanNameTemplate(row.template), template)) addShape(sum.shapes, characterClasses(word));
    if (row.hour < (this.middle.get(placeOf(row)) ?? 0)) {
      sum.earlier.spans += row.spans;
      sum.earlier.names.merge(row.names);
    }
    this.spans.set(placeOf(row), (this.spans.get(placeOf(row)) ?? 0) + row.spans);
  }

  all(): Iterable<Sum> {
    return this.sums.values();
  }

  /** All spans of the service and environment. */
  spansOf(row: Place): number {
    return this.spans.get(placeOf(row)) ?? 0;
  }

  private sumOf(row: SpanNameRow, template: string): Sum {
    const key = keyOf(row, template);
    let sum = this.sums.get(key);
    if (sum === undefined) {
      const { service, environment, spanKind } = row;
      const none = { spans: 0, errorSpans: 0, bytes: 0, names: new Sketch(), shapes: [] };
      sum = { service, environment, spanKind, template, ...none, earlier: { spans: 0, names: new Sketch() } };
      this.sums.set(key, sum);
    }
    return sum;
  }
}

type Place = Pick<SpanNameCount, 'service' | 'environment'>;

function placeOf({ service, environment }: Place): string {
  return `${service}\0${environment}`;
}

function keyOf(row: Place & Pick<SpanNameCount, 'spanKind'>, template: string): string {
  return `${placeOf(row)}\0${row.spanKind}\0${template}`;
}

function audited(
  sum: Sum,
  total: number,
  sent: ReadonlyMap<string, ReadonlySet<string>>,
  registry: ConventionRegistry,
): AuditedSpanName {
  const { service, environment, spanKind, template, spans, errorSpans, bytes, shapes, earlier } = sum;
  // Spans without a name, and names counted by older versions, are in no sketch.
  const counted = distinctOf(sum.names);
  const names = { ...counted, estimate: Math.max(1, counted.estimate) };
  const growth = growthOf({ spans: earlier.spans, distinct: distinctOf(earlier.names) }, { spans, distinct: names });
  const hadIds = hasIds(shapes);
  const found = template === OVERFLOW ? [] : checkSpanName({ template, hadIds, kind: spanKind });
  const isViolation = found.some(({ id, level }) => level === 'violation' && id !== 'span_name_not_general');
  const verdict = spanNameVerdict({ spans, names, growth, isMined: hadIds || names.estimate > 1, isViolation });
  const area = areaOf(template, spanKind);
  const suggested = found.length === 0 ? null : suggestedName({ template });
  const keys = sent.get(service);
  return {
    ...{ service, environment, spanKind, template, spans, errorSpans, bytes, names, growth, verdict, shapes },
    share: total === 0 ? 0 : spans / total,
    attributes: idAttributes(template, area, spanKind, registry),
    suggestedName: suggested === template ? null : suggested,
    convention: conventionalName(area, spanKind, (key) => (keys?.has(key) ? `{${key}}` : undefined)),
    findings: verdict === 'pass' ? found.map(mild) : found,
  };
}

/** A number that is one of a few, whatever comes, is worth knowing of and no more. */
function mild(finding: NamingFinding): NamingFinding {
  return finding.id === 'span_name_not_general' ? { ...finding, level: 'information' } : finding;
}

function keysByService(types: ReadonlyMap<string, number>): Map<string, Set<string>> {
  const keys = new Map<string, Set<string>>();
  for (const name of types.keys()) {
    const [service, location, key] = name.split('\0') as [string, string, string];
    if (location !== 'span') continue;
    const known = keys.get(service) ?? new Set();
    keys.set(service, known.add(key));
  }
  return keys;
}

const RANK = { violation: 0, improvement: 1, information: 2 } as const;

function byImpact(a: AuditedSpanName, b: AuditedSpanName): number {
  const worst = ({ findings }: AuditedSpanName): number => Math.min(3, ...findings.map(({ level }) => RANK[level]));
  return (
    worst(a) - worst(b) ||
    b.names.estimate - a.names.estimate ||
    b.spans - a.spans ||
    (keyOf(a, a.template) < keyOf(b, b.template) ? -1 : 1)
  );
}
