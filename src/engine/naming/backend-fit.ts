import { utf8Length } from '../encoding.js';
import type { Backend, BackendLimit } from '../model/backend-limits.js';
import { FIELDS, STRING } from '../model/location.js';
import type { NamingRow } from './row-rules.js';

/** What is known of the spans that would go to a backend. */
export interface SentNames {
  readonly rows: readonly NamingRow[];
  readonly spanNames: readonly { readonly service: string; readonly template: string }[];
  /** Spans of the same time, by service. */
  readonly spans: ReadonlyMap<string, number>;
}

/** Something that a backend will cut or refuse. */
export interface Excess {
  readonly service: string;
  /** Attribute key or span name; empty where a service as a whole is meant. */
  readonly name: string;
  readonly measured: number;
}

/**
 * `fits`: nothing exceeds the limit; `exceeds`: something certainly does; `not_measured`: nothing is known to, but only a
 * mean is kept or nothing at all, so something may.
 */
export type FitState = 'fits' | 'exceeds' | 'not_measured';

export interface LimitCheck {
  readonly limit: BackendLimit;
  readonly value: number;
  readonly state: FitState;
  /** What was measured. */
  readonly basis: string;
  readonly count: number;
  /** The worst first, at most MAX_EXAMPLES. */
  readonly examples: readonly Excess[];
}

const MAX_EXAMPLES = 20;
const FIELD_NAMES: ReadonlySet<string> = new Set(FIELDS);
/** Bytes of a short string attribute beside its key and value (opentelemetry/proto/common/v1/common.proto). */
const FRAMING = 8;

interface Measure {
  readonly basis: string;
  /** Whether every case was measured up to the limit, so that nothing above it means that all fits. */
  isComplete(sent: SentNames, limit: number): boolean;
  all(sent: SentNames): Iterable<Excess>;
}

const keys = (size: (key: string) => number): Measure['all'] =>
  function* ({ rows }) {
    const seen = new Set<string>();
    for (const { service, key } of rows) {
      if (seen.has(`${service}\0${key}`)) continue;
      seen.add(`${service}\0${key}`);
      yield { service, name: key, measured: key.endsWith('…') ? Math.max(CUT_AT + 1, size(key)) : size(key) };
    }
  };

/** A mean above the limit proves that some value is above it. */
function* meanValueBytes({ rows }: SentNames): Iterable<Excess> {
  for (const { service, key, bytes, observations, types } of rows) {
    if (types !== 1 << STRING || observations === 0) continue;
    yield { service, name: key, measured: Math.floor(bytes / observations) - utf8Length(key) - FRAMING };
  }
}

function* meanAttributes({ rows, spans }: SentNames): Iterable<Excess> {
  const sums = new Map<string, number>();
  for (const { service, location, key, observations } of rows) {
    if (location !== 'span' || FIELD_NAMES.has(key)) continue;
    sums.set(service, (sums.get(service) ?? 0) + observations);
  }
  for (const [service, sum] of sums) {
    const count = spans.get(service) ?? 0;
    if (count > 0) yield { service, name: '', measured: Math.round((sum / count) * 10) / 10 };
  }
}

function* nothing(): Iterable<Excess> {}

const never = (): boolean => false;
/** Longer names are stored cut, so that they are known to be longer than this and no more. */
const CUT_AT = 255;
const noneCut = ({ rows }: SentNames, limit: number): boolean =>
  limit < CUT_AT || !rows.some(({ key }) => key.endsWith('…'));

const VALUES = 'mean size of text values; the largest one is not kept';
const MEASURES: Readonly<Record<BackendLimit, Measure>> = {
  span_name_length: {
    basis: 'length of span names with their ids replaced',
    isComplete: ({ spanNames }, limit) => limit < CUT_AT || !spanNames.some(({ template }) => template.endsWith('…')),
    *all({ spanNames }) {
      for (const { service, template } of spanNames) yield { service, name: template, measured: [...template].length };
    },
  },
  attribute_key_bytes: { basis: 'bytes of attribute keys', isComplete: noneCut, all: keys(utf8Length) },
  attribute_key_length: { basis: 'length of attribute keys', isComplete: noneCut, all: keys((key) => [...key].length) },
  attribute_value_bytes: { basis: VALUES, isComplete: never, all: meanValueBytes },
  attribute_value_length: { basis: VALUES, isComplete: never, all: meanValueBytes },
  attributes_per_span: { basis: 'mean number of attributes of a span', isComplete: never, all: meanAttributes },
  spans_per_trace: { basis: 'nothing here', isComplete: never, all: nothing },
  attribute_sets_per_metric: { basis: 'nothing here', isComplete: never, all: nothing },
};

/** Holds what services send against the limits of a backend. */
export function checkBackend({ limits }: Backend, sent: SentNames): LimitCheck[] {
  return Object.entries(limits).map(([name, value]) => {
    const limit = name as BackendLimit;
    const { basis, isComplete, all } = MEASURES[limit];
    const excesses = [...all(sent)].filter(({ measured }) => measured > value);
    excesses.sort((a, b) => b.measured - a.measured || (a.name < b.name ? -1 : 1));
    const state = excesses.length > 0 ? 'exceeds' : isComplete(sent, value) ? 'fits' : 'not_measured';
    return { limit, value, state, basis, count: excesses.length, examples: excesses.slice(0, MAX_EXAMPLES) };
  });
}
