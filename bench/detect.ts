import { keyedFingerprint } from '../src/edge/auth/fingerprint.js';
import { loadRules, RULE_TABLES, RULES_DIR } from '../src/edge/files/rule-files.js';
import { patternCompiler } from '../src/edge/regex/index.js';
import { type Match, Scanner } from '../src/engine/detect/scanner.js';
import { type KeyTraits, ValueScanner } from '../src/engine/detect/value-scanner.js';
import { compileDetectors, type Detector } from '../src/engine/rules/detector-document.js';
import { decodeRequest } from '../test/support/otlp.js';
import { makeCorpus } from './corpus.js';
import { TRAPS } from './harmless.js';
import { count, type Line, median, seconds } from './measure.js';
import { Random } from './random.js';

const HARMLESS_VALUES = 1_000_000;
const ROUNDS = 7;
const MORE = 100;

const { compiler } = patternCompiler();
const { detectors } = loadRules(RULES_DIR, compiler).rules;

function valueScanner(list: readonly Detector[]): ValueScanner {
  return new ValueScanner(new Scanner(list, keyedFingerprint(new Uint8Array(32))));
}

/** How fast values are scanned when none was seen before, and what a hundred detectors more cost. */
export async function benchDetect(): Promise<Line[]> {
  const { bytes, values } = corpusValues();
  const scanners = [valueScanner(detectors), valueScanner([...detectors, ...moreDetectors()])];
  const times: number[][] = scanners.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, scanner] of scanners.entries()) {
      const traits = new Map<string, KeyTraits>();
      const taken = seconds(values, ({ key, start, end }) => {
        let known = traits.get(key);
        if (known === undefined) {
          known = scanner.keyTraits(key);
          traits.set(key, known);
        }
        scanner.scan(known, bytes, start, end);
      });
      if (round > 0) times[i]!.push(taken);
    }
  }
  const [all, more] = times.map(median) as [number, number];
  return [
    ['detectors', count(detectors.length)],
    [
      'values scanned, none remembered',
      `${count(values.length)} of ${(bytes.length / values.length).toFixed(0)} B on average`,
    ],
    ['detection', `${count(bytes.length / all / 1e6)} MB/s, ${count(values.length / all)} values/s`],
    [`time with ${MORE} detectors more`, `+${(100 * (more / all - 1)).toFixed(1)} %`],
  ];
}

/** All string values of the reference corpus, in one buffer. */
function corpusValues() {
  const { requests } = makeCorpus({ requests: 40, spansPerRequest: 512, now: Date.now() });
  const encoder = new TextEncoder();
  const texts: { key: string; bytes: Uint8Array }[] = [];
  for (const request of requests) {
    for (const { scopeSpans } of decodeRequest(request).resourceSpans) {
      for (const { key, value } of scopeSpans.flatMap((s) => s.spans.flatMap((span) => span.attributes))) {
        if ('stringValue' in value) texts.push({ key, bytes: encoder.encode(String(value.stringValue)) });
      }
    }
  }
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.bytes.length, 0));
  let at = 0;
  const values = texts.map(({ key, bytes: text }) => {
    bytes.set(text, at);
    at += text.length;
    return { key, start: at - text.length, end: at };
  });
  return { bytes, values };
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
