import { keyedFingerprint } from '../src/edge/auth/fingerprint.js';
import { loadRules, RULES_DIR } from '../src/edge/files/rule-files.js';
import { patternCompiler } from '../src/edge/regex/index.js';
import { KeyedHash } from '../src/engine/cardinality/keyed-hash.js';
import { DEFAULT_DECODE_LIMITS } from '../src/engine/decode/limits.js';
import { decodeOtlpProtobuf } from '../src/engine/decode/otlp-protobuf.js';
import { Scanner } from '../src/engine/detect/scanner.js';
import { SensitiveKeys } from '../src/engine/detect/sensitive-keys.js';
import type { SpanHandler } from '../src/engine/model/span-view.js';
import { ConventionRegistry } from '../src/engine/naming/registry.js';
import { Analyser } from '../src/flow/analyse.js';
import { decodeRequest } from '../test/support/otlp.js';
import { type Corpus, makeCorpus } from './corpus.js';
import { count, type Line, median, megabytes, peakMemory, seconds } from './measure.js';

const WARM_UP = 2;
const ROUNDS = 7;
const REQUESTS = 100;
const SPANS_PER_REQUEST = 512;
/** In the requests in which a gateway puts the spans of many pods together. */
const SPANS_PER_RESOURCE = 8;
/** Sees every attribute record and looks at none. */
const VISITOR: SpanHandler = { resource: () => null, scope: () => null, span: () => null };

/** Rounds of spans with values of their own, through one analyser, beside two ways to only read the same bytes. */
export async function benchEngine(): Promise<Line[]> {
  const now = Date.now();
  const analyser = makeAnalyser();
  const times = { engine: [] as number[], walk: [] as number[], protobufjs: [] as number[] };
  let corpus = corpusOf(0, now);
  const kinds = distinctShare(corpus);
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    corpus = corpusOf(round, now);
    globalThis.gc?.();
    const { requests } = corpus;
    const protobufjs = seconds(requests, decodeRequest);
    const walk = seconds(requests, (request) => decodeOtlpProtobuf(request, DEFAULT_DECODE_LIMITS, VISITOR));
    const engine = seconds(requests, (request) => analyser.analyse(request, 'otlp-protobuf', now));
    if (round < WARM_UP) continue;
    times.engine.push(engine);
    times.walk.push(walk);
    times.protobufjs.push(protobufjs);
  }
  const [engine, walk, protobufjs] = [median(times.engine), median(times.walk), median(times.protobufjs)];
  const memory = peakMemory();
  return [
    ['corpus', `${count(corpus.bytes / corpus.spans)} B and ${kinds.perSpan.toFixed(1)} attributes a span`],
    ['distinct values', `${Math.round(100 * kinds.distinct)} % of all`],
    ['engine', `${count(corpus.spans / engine)} spans/s, ${count(corpus.bytes / engine / 1e6)} MB/s`],
    ['reading the bytes only', `${count(corpus.spans / walk)} spans/s`],
    ['decoding with protobufjs only', `${count(corpus.spans / protobufjs)} spans/s`],
    ['engine ÷ protobufjs', (protobufjs / engine).toFixed(2)],
    ['peak memory, corpus included', megabytes(memory)],
    [`engine, ${SPANS_PER_RESOURCE} spans a resource`, `${count(corpus.spans / gatewaySeconds(now))} spans/s`],
  ];
}

function gatewaySeconds(now: number): number {
  const analyser = makeAnalyser();
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const { requests } = corpusOf(round, now, SPANS_PER_RESOURCE);
    globalThis.gc?.();
    const took = seconds(requests, (request) => analyser.analyse(request, 'otlp-protobuf', now));
    if (round >= WARM_UP) times.push(took);
  }
  return median(times);
}

function corpusOf(round: number, now: number, spansPerResource = SPANS_PER_REQUEST): Corpus {
  const size = { requests: REQUESTS, spansPerRequest: SPANS_PER_REQUEST, spansPerResource };
  return makeCorpus({ seed: 1000 + round, ...size, now });
}

/** With all shipped rules. */
export function makeAnalyser(): Analyser {
  const { compiler } = patternCompiler();
  const { rules } = loadRules(RULES_DIR, compiler);
  return new Analyser({
    scanner: new Scanner(rules.detectors, keyedFingerprint(new Uint8Array(32))),
    conventions: new ConventionRegistry(rules.conventions),
    sensitiveKeys: new SensitiveKeys(rules.sensitiveKeys),
    hash: new KeyedHash(new Uint8Array(16)),
    seed: 1,
  });
}

/** Attributes a span (its own and its share of the resource's), and the share of (key, value) pairs that are new. */
function distinctShare({ requests, spans }: Corpus): { perSpan: number; distinct: number } {
  const seen = new Set<string>();
  let attributes = 0;
  const take = (list: readonly { key: string; value: unknown }[]): void => {
    for (const { key, value } of list) {
      attributes++;
      seen.add(`${key}\0${JSON.stringify(value)}`);
    }
  };
  for (const request of requests) {
    for (const { resource, scopeSpans } of decodeRequest(request).resourceSpans) {
      take(resource.attributes);
      for (const scope of scopeSpans) for (const span of scope.spans) take(span.attributes);
    }
  }
  return { perSpan: attributes / spans, distinct: seen.size / attributes };
}
