import { SketchParts } from '../src/edge/store/sketch-parts.js';
import { attributeRowKey, RollupMerge } from '../src/engine/aggregate/merge.js';
import { KeyedHash } from '../src/engine/cardinality/keyed-hash.js';
import { Sketch } from '../src/engine/model/sketch.js';
import { encodeRequest, type TestSpan } from '../test/support/otlp.js';
import { makeAnalyser } from './engine.js';
import { count, type Line, median, megabytes, peakMemory, quantile, seconds } from './measure.js';

const SERVICES = 50;
const KEYS = 500;
const KEYS_A_SPAN = 50;
const VALUES = 1_000_000;
const REPLICAS = 1_000;
/** Sizes that the error of sketches is measured at, and how often. */
const SIZES = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const SKETCHED_IN_ALL = 20_000_000;
const MAX_RUNS = 200;
/** Spans and attributes of the requests that time is measured with. */
const SPANS = 100;
const ATTRIBUTES = 10;
const REPEATS = 50;
const WARM_UP = 300;

const hashes = new KeyedHash(new Uint8Array(16));
const bytes = new Uint8Array(8);
const view = new DataView(bytes.buffer);

/** The hash of number i of a run. */
function hashOf(run: number, i: number): number {
  view.setUint32(0, run);
  view.setUint32(4, i);
  return hashes.hash(bytes, 0, 8, 0);
}

/** Memory first: the peak is that of the process. */
export async function benchAudit(): Promise<Line[]> {
  return [...memory(), ...timeByDistinct(), ...sketches(), ...errors()];
}

/**
 * What a process holds of 50 services with 500 keys each that all have seen a million values before: a million new
 * values are analysed, merged, and added to what was committed, as the store does.
 */
function memory(): Line[] {
  const analyser = makeAnalyser();
  const parts = new SketchParts();
  const before = sketchOf(VALUES);
  const now = Date.now();
  const times: number[] = [];
  for (let service = 0; service < SERVICES; service++) {
    const request = manyKeys(service, now);
    times.push(
      seconds([request], () => {
        const merge = new RollupMerge();
        merge.add(analyser.analyse(request, 'otlp-protobuf', now).rollup);
        for (const row of merge.result().attributes) {
          const { part, sketch } = parts.get(attributeRowKey(row));
          const next = sketch?.clone() ?? before.clone();
          if (next.merge(row.values)) next.toBytes();
          parts.set(attributeRowKey(row), { part, sketch: next });
        }
      }),
    );
  }
  const values = SERVICES * KEYS * VALUES_A_KEY;
  return [
    [
      'memory: keys, new values',
      `${count(SERVICES * KEYS)} keys with a million values each, ${count(values)} new ones`,
    ],
    ['peak memory, rules and requests included', megabytes(peakMemory())],
    ['time for a new value, with its sketch', `${((1e6 * times.reduce((a, b) => a + b)) / values).toFixed(1)} µs`],
  ];
}
const VALUES_A_KEY = VALUES / (SERVICES * KEYS);

function manyKeys(service: number, now: number): Uint8Array {
  const spans: TestSpan[] = [];
  for (let value = 0; value < VALUES_A_KEY; value++) {
    for (let from = 0; from < KEYS; from += KEYS_A_SPAN) {
      const names = Array.from({ length: KEYS_A_SPAN }, (_, i) => from + i);
      const attributes = names.map((key) => [`app.key.${key}`, `s${service} k${key} v${value}`] as const);
      spans.push({ start: now, attributes: Object.fromEntries(attributes) });
    }
  }
  return encodeRequest([{ resource: { 'service.name': `service-${service}` }, spans }]);
}

/** Spans with ten attributes whose values are all new, while the number of values that were ever seen grows. */
function timeByDistinct(): Line[] {
  const now = Date.now();
  const fresh = freshValues(now);
  const warm = makeAnalyser();
  for (let i = 0; i < WARM_UP; i++) warm.analyse(fresh(), 'otlp-protobuf', now);
  const analyser = makeAnalyser();
  let seen = 0;
  const analyse = (): number => {
    const request = fresh();
    seen += SPANS * ATTRIBUTES;
    return seconds([request], () => analyser.analyse(request, 'otlp-protobuf', now));
  };
  return SIZES.slice(2).map((size) => {
    while (seen < size) analyse();
    const times = Array.from({ length: size > 10_000 ? REPEATS : 9 }, analyse);
    const perSpan = (1e6 * median(times)) / SPANS;
    return [`time for a span after ${count(size)} distinct values`, `${perSpan.toFixed(1)} µs`];
  });
}

/** The same request again and again, with new values written over the old ones. */
function freshValues(now: number): () => Uint8Array {
  const places = Array.from({ length: SPANS * ATTRIBUTES }, (_, i) => `value ${String(i).padStart(10, '0')}`);
  const spans = Array.from({ length: SPANS }, (_, s) => ({
    start: now,
    attributes: Object.fromEntries(
      Array.from({ length: ATTRIBUTES }, (_, a) => [`app.key.${a}`, places[s * ATTRIBUTES + a]!]),
    ),
  }));
  const request = Buffer.from(encodeRequest([{ resource: { 'service.name': 'web' }, spans }]));
  const at = places.map((place) => request.indexOf(place) + 'value '.length);
  let next = 0;
  return () => {
    for (const offset of at) request.write(String(next++).padStart(10, '0'), offset, 'latin1');
    return request;
  };
}

function sketches(): Line[] {
  const list = Array.from({ length: VALUES }, (_, i) => hashOf(0, i));
  const adding = Array.from({ length: 9 }, () => {
    const sketch = new Sketch();
    return seconds(list, (hash) => sketch.add(hash));
  });
  const hashing = seconds([0], () => {
    for (let i = 0; i < VALUES; i++) hashOf(1, i);
  });
  const replicas = Array.from({ length: REPLICAS }, () => new Sketch());
  for (const [i, hash] of list.entries()) {
    replicas[i % REPLICAS]!.add(hash);
    replicas[(i * 31) % REPLICAS]!.add(hash);
  }
  const merged = new Sketch();
  const merging = seconds(replicas, (replica) => merged.merge(replica));
  const isSame = Buffer.from(merged.toBytes()).equals(sketchOf(VALUES).toBytes());
  return [
    ['sketch: adding a hash', `${((1e6 * median(adding)) / VALUES).toFixed(3)} µs`],
    ['sketch: hashing a value of 8 bytes', `${((1e6 * hashing) / VALUES).toFixed(3)} µs`],
    ['sketch: a million values', `${count(merged.toBytes().length)} bytes`],
    [
      `merge of ${count(REPLICAS)} replicas`,
      `${isSame ? 'equals one sketch' : 'DIFFERS from one sketch'}, ${((1e6 * merging) / REPLICAS).toFixed(0)} µs each`,
    ],
  ];
}

function sketchOf(n: number): Sketch {
  const sketch = new Sketch();
  for (let i = 0; i < n; i++) sketch.add(hashOf(0, i));
  return sketch;
}

/** How far estimates are from the truth, over runs with other values each. */
function errors(): Line[] {
  return SIZES.map((size) => {
    const runs = Math.min(MAX_RUNS, Math.max(2, SKETCHED_IN_ALL / size));
    const off = Array.from({ length: runs }, (_, run) => {
      const sketch = new Sketch();
      for (let i = 0; i < size; i++) sketch.add(hashOf(run + 1, i));
      return Math.abs(sketch.estimate().distinct / size - 1);
    });
    const rms = Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / runs);
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
    const figures = `${percent(rms)} rms, ${percent(quantile(off, 0.95))} p95, ${percent(Math.max(...off))} worst of ${runs}`;
    return [`error at ${count(size)} distinct values`, figures];
  });
}
