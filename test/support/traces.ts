import {
  AT_DIGEST,
  AT_END,
  AT_FLAGS,
  AT_HOST,
  AT_KEPT,
  AT_OPERATION,
  AT_PARENT,
  AT_PEER,
  AT_RESOURCE,
  AT_SCOPE,
  AT_SIZE,
  AT_SPAN,
  AT_START,
  AT_THRESHOLD,
  AT_TRACE,
  HAS_ENVIRONMENT,
  HAS_INSTANCE,
  HAS_NAME,
  HAS_SDK_VERSION,
  HAS_VERSION,
  NUMBERS,
  type ResourceFacts,
  type SpanFacts,
  STATUS_SHIFT,
  WORDS,
} from '../../src/engine/model/span-facts.js';
import type { TraceAssembler } from '../../src/engine/quality/assembler.js';
import { type Evidence, EvidenceBuilder, type PartRow, type TraceMode } from '../../src/engine/quality/evidence.js';
import { INDICATORS } from '../../src/engine/quality/indicators/index.js';
import type { Judgement } from '../../src/engine/quality/judgement.js';

/** A span as a test states it; times in milliseconds from `T0`. */
export interface PlainSpan {
  readonly trace: number;
  readonly id: number;
  readonly parent?: number;
  readonly service?: string;
  readonly kind?: number;
  readonly start?: number;
  readonly took?: number;
  readonly error?: boolean;
  readonly flags?: number;
  /** Where a CLIENT calls, or a SERVER was called. */
  readonly peer?: number;
  readonly host?: number;
  readonly threshold?: number;
  readonly kept?: number;
  readonly dropped?: number;
  readonly name?: string;
  /** Tells different spans under one id apart. */
  readonly variant?: number;
  readonly library?: string;
  readonly bytes?: number;
  readonly resource?: Partial<ResourceFacts>;
}

export const T0 = Date.UTC(2026, 10, 23, 10);
export const ALL_KEYS = HAS_NAME | HAS_INSTANCE | HAS_VERSION | HAS_ENVIRONMENT | HAS_SDK_VERSION;

/** What the analysis would make of these spans. */
export function factsOf(spans: readonly PlainSpan[]): SpanFacts {
  const resources = new Map<string, ResourceFacts>();
  const scopes = new Map<string, number>();
  const operations = new Map<string, number>();
  const numberIn = (map: Map<string, number>, name: string): number =>
    map.get(name) ?? map.set(name, map.size).get(name)!;
  const words = new Int32Array(spans.length * WORDS);
  const numbers = new Float64Array(spans.length * NUMBERS);
  for (const [i, span] of spans.entries()) {
    const { service = 'web', start = 0, took = 10, kind = 1, error = false, flags = 0 } = span;
    const key = service + JSON.stringify(span.resource ?? {});
    const blank = { service, environment: 'prod', nameHash: hashOf(service), keys: ALL_KEYS, kept: 5, dropped: 0 };
    if (!resources.has(key)) resources.set(key, { ...blank, instance: -1, instanceAndPod: -1, ...span.resource });
    const at = i * WORDS;
    words[at + AT_TRACE + 3] = span.trace + 1;
    words[at + AT_SPAN + 1] = span.id + 1;
    words[at + AT_PARENT + 1] = span.parent === undefined ? 0 : span.parent + 1;
    words[at + AT_FLAGS] = kind | ((error ? 2 : 0) << STATUS_SHIFT) | flags;
    words[at + AT_DIGEST] = (span.variant ?? 0) * 31 + kind;
    words[at + AT_RESOURCE] = [...resources.keys()].indexOf(key);
    words[at + AT_SCOPE] = numberIn(scopes, span.library ?? 'http 1.0');
    words[at + AT_OPERATION] = numberIn(operations, span.name ?? 'GET /');
    words[at + AT_PEER] = span.peer ?? 0;
    words[at + AT_HOST] = span.host ?? 0;
    words[at + AT_SIZE] = span.bytes ?? 0;
    words[at + AT_KEPT] = (span.kept ?? 5) | ((span.dropped ?? 0) << 16);
    numbers[i * NUMBERS + AT_START] = T0 + start;
    numbers[i * NUMBERS + AT_END] = T0 + start + took;
    numbers[i * NUMBERS + AT_THRESHOLD] = span.threshold ?? -1;
  }
  const libraries = [...scopes.keys()].map((name) => ({
    name: name.split(' ')[0]!,
    version: name.split(' ')[1] ?? '',
  }));
  const names = { scopes: libraries, operations: [...operations.keys()] };
  return { spans: spans.length, words, numbers, resources: [...resources.values()], ...names };
}

export function hashOf(text: string): number {
  let hash = 7;
  for (const c of text) hash = (Math.imul(hash, 31) + c.charCodeAt(0)) | 0;
  return hash;
}

/** What an assembler has counted so far, as the rows of a process. */
export function rowsOf(
  assembler: TraceAssembler,
  now: number,
  process = 'a',
  processStarted = T0 - 1,
): PartRow<never>[] {
  return assembler.take(now).map((row) => ({ ...row, process, processStarted }) as unknown as PartRow<never>);
}

/** The evidence that rows give, of one service or of all. */
export function evidenceOf(
  rows: readonly PartRow<never>[],
  { mode = 'auto', service }: { mode?: TraceMode; service?: string } = {},
): Evidence {
  const services = rows.filter(
    (row) => row.subject === 'service' && (service === undefined || row.service === service),
  );
  const guards = rows.filter((row) => row.subject === 'service' || row.subject === 'window');
  return new EvidenceBuilder(guards, mode).build(services as unknown as PartRow[]);
}

export function judge(evidence: Evidence, id: string): Judgement {
  const indicator = INDICATORS.find((i) => i.id === id)!;
  return indicator.judge(evidence, indicator.limit);
}
