import { keyedFingerprint } from '../src/edge/auth/fingerprint.js';
import { loadRules, RULE_TABLES, RULES_DIR } from '../src/edge/files/rule-files.js';
import { patternCompiler } from '../src/edge/regex/index.js';
import { type Match, Scanner } from '../src/engine/detect/scanner.js';
import { ValueScanner } from '../src/engine/detect/value-scanner.js';
import { compileDetectors, type Detector } from '../src/engine/rules/detector-document.js';
import { decodeRequest } from '../test/support/otlp.js';
import { makeCorpus } from './corpus.js';
import { TRAPS } from './harmless.js';
import { count, type Line, quietSeconds } from './measure.js';
import { Random } from './random.js';

const HARMLESS_VALUES = 1_000_000;
const ROUNDS = 15;
const MORE = 100;

const { compiler } = patternCompiler();
const { detectors } = loadRules(RULES_DIR, compiler).rules;

function valueScanner(list: readonly Detector[]): ValueScanner {
  return new ValueScanner(new Scanner(list, keyedFingerprint(new Uint8Array(32))));
}

/** How fast values are scanned when none was seen before, and what a hundred detectors more cost. */
export async function benchDetect(): Promise<Line[]> {
  const corpus = corpusValues();
  const scanners = [valueScanner(detectors), valueScanner([...detectors, ...moreDetectors()])];
  const { bytes, keys } = corpus;
  const ways = scanners.map((scanner) => scanOf(scanner, corpus));
  const [all, more] = quietSeconds(keys.length, ROUNDS, ways) as [number, number];
  return [
    ['detectors', count(detectors.length)],
    [
      'values scanned, none remembered',
      `${count(keys.length)} of ${(bytes.length / keys.length).toFixed(0)} B on average`,
    ],
    ['detection', `${count(bytes.length / all / 1e6)} MB/s, ${count(keys.length / all)} values/s`],
    [`time with ${MORE} detectors more`, `${(more / all).toFixed(3)} times as long`],
  ];
}

/** Scans values of the corpus; what their keys mean is known before, as it is in the engine. */
function scanOf(scanner: ValueScanner, { bytes, keys, starts, ends }: CorpusValues) {
  const byKey = new Map([...new Set(keys)].map((key) => [key, scanner.keyTraits(key)]));
  const traits = keys.map((key) => byKey.get(key)!);
  return (from: number, to: number): void => {
    for (let i = from; i < to; i++) scanner.scan(traits[i]!, bytes, starts[i]!, ends[i]!);
  };
}

interface CorpusValues {
  readonly bytes: Uint8Array;
  readonly keys: readonly string[];
  /** Where in `bytes` the values begin and end. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** All texts in the attributes of the spans of the reference corpus, in one buffer. */
function corpusValues(): CorpusValues {
  const { requests } = makeCorpus({ requests: 40, spansPerRequest: 512, now: Date.now() });
  const spans = requests.flatMap((request) =>
    decodeRequest(request).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  const texts = spans.flatMap(({ attributes }) =>
    attributes.flatMap(({ key, value }) => {
      // Of a decoded message every field can be read; that of a number is an empty text.
      const text = Buffer.from('stringValue' in value ? String(value.stringValue) : '');
      return text.length === 0 ? [] : [{ key, text }];
    }),
  );
  const ends = new Int32Array(texts.length);
  let at = 0;
  for (const [i, { text }] of texts.entries()) ends[i] = at += text.length;
  const starts = Int32Array.from(ends, (_, i) => ends[i - 1] ?? 0);
  return {
    bytes: new Uint8Array(Buffer.concat(texts.map(({ text }) => text))),
    keys: texts.map(({ key }) => key),
    starts,
    ends,
  };
}

/** Detectors like those of vendors: a prefix and a run of letters and digits. */
function moreDetectors(): Detector[] {
  const r = new Random(7);
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const made = Array.from({ length: MORE }, (_, i) => {
    const prefix = `${r.text(letters, 4)}_${r.text(letters, 3)}_`;
    const token = (): string => `${prefix}${r.text(`${letters}${letters.toUpperCase()}0123456789`, 32)}`;
    return {
      ...{ id: `bench-${i}`, name: 'bench', kind: 'secret', severity: 'high', confidence: 'high' },
      ...{ keywords: [prefix], pattern: `${prefix}[A-Za-z0-9]{32}`, remedy: 'none' },
      ...{ examples: [token(), token(), token()], non_examples: ['a', 'b', 'c'], references: ['bench'] },
    };
  });
  return compileDetectors(new Map([['bench', { family: 'bench', detectors: made }]]), RULE_TABLES, compiler).detectors;
}

/** How many of a million harmless values are called a leak, by trap. */
export async function benchHarmless(): Promise<Line[]> {
  const scanner = valueScanner(detectors);
  const encoder = new TextEncoder();
  const r = new Random(1);
  const traits = new Map(TRAPS.flatMap(({ keys }) => keys.map((key) => [key, scanner.keyTraits(key)] as const)));
  const perTrap = Math.ceil(HARMLESS_VALUES / TRAPS.length);
  const sums = { high: 0, other: 0 };
  const blamed = new Map<string, number>();
  const lines: Line[] = TRAPS.map(({ name, keys, make }) => {
    const found = { high: 0, other: 0 };
    for (let i = 0; i < perTrap; i++) {
      const key = r.pick(keys);
      const bytes = encoder.encode(make(r));
      const matches = scanner.scan(traits.get(key)!, bytes, 0, bytes.length).map(({ match }) => match);
      for (const confidence of ['high', 'other'] as const) {
        const first = matches.find((match: Match) => match.confidence === confidence);
        if (first === undefined) continue;
        found[confidence]++;
        blamed.set(first.detector.id, (blamed.get(first.detector.id) ?? 0) + 1);
      }
    }
    sums.high += found.high;
    sums.other += found.other;
    return [name, `${found.high} high, ${found.other} other of ${count(perTrap)}`];
  });
  const worst = [...blamed].sort((a, b) => b[1] - a[1]).slice(0, 12);
  return [
    ...lines,
    ['all', `${sums.high} high, ${sums.other} other of ${count(perTrap * TRAPS.length)}`],
    ...worst.map(([id, n]): Line => [`  ${id}`, `${n}`]),
  ];
}
