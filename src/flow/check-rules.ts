import { type Match, Scanner } from '../engine/detect/scanner.js';
import { ValueScanner } from '../engine/detect/value-scanner.js';
import { type Problem, problem } from '../engine/problem.js';
import type { Detector, Example } from '../engine/rules/detector-document.js';

/** A value as long as attribute values get, and the milliseconds that one detector may spend on it. */
const HOSTILE_BYTES = 65_536;
const BUDGET_MS = 50;
/** A machine with other work makes a pattern look slow; it will hardly do so every time. */
const TRIES = 10;
const MAX_TRIED_MS = 500;

/**
 * Proves compiled detectors on their own examples, all of them running together: each example is found, no non-example
 * is, masks show nothing, and no hostile value takes one of them long.
 *
 * @param clock milliseconds; without one, costs are not measured
 * @param subjects those of the detectors that are to be proven
 */
export function checkRules(
  detectors: readonly Detector[],
  clock: (() => number) | null,
  subjects: readonly Detector[] = detectors,
): Problem[] {
  const scanner = new Scanner(detectors, () => '');
  return subjects.flatMap((detector) => {
    const tell = (field: string, what: string, allowed: string): Problem =>
      problem('rule', `${detector.file}: ${detector.id}: ${field}`, what, allowed);
    return [
      ...checkExamples(scanner, detector, tell),
      ...checkMask(scanner, detector, tell),
      ...(clock === null ? [] : checkCost(detector, clock, tell)),
    ];
  });
}

type Tell = (field: string, what: string, allowed: string) => Problem;

/** What a scanner finds in an example, with its key and siblings taken into account. */
export function scanExample(scanner: Scanner, { key, value, siblings }: Example): readonly Match[] {
  const bytes = new TextEncoder().encode(value);
  const phrases = Object.values(siblings).flatMap((text) => scanner.siblingPhrases(text));
  const values = new ValueScanner(scanner);
  return values.scan(values.keyTraits(key, phrases), bytes, 0, bytes.length).map(({ match }) => match);
}

function checkExamples(scanner: Scanner, detector: Detector, tell: Tell): Problem[] {
  const found = (example: Example): boolean =>
    scanExample(scanner, example).some((match) => match.detector.id === detector.id);
  const problems: Problem[] = [];
  for (const [i, example] of detector.examples.entries()) {
    if (found(example)) continue;
    const others = scanExample(scanner, example).map((match) => match.detector.id);
    const why = others.length > 0 ? `found by ${others.join(', ')} instead` : 'not found';
    problems.push(tell(`examples[${i}]`, why, 'a value that the detector finds when all run together'));
  }
  for (const [i, example] of detector.nonExamples.entries()) {
    if (found(example)) problems.push(tell(`non_examples[${i}]`, 'found', 'a value that the detector does not find'));
  }
  return problems;
}

function checkMask(scanner: Scanner, detector: Detector, tell: Tell): Problem[] {
  const { maskPrefix, keywords } = detector;
  if (maskPrefix === 0) return [];
  const prefixes = detector.examples.flatMap((example) =>
    scanExample(scanner, example)
      .filter((match) => match.detector.id === detector.id)
      .map((match) => match.mask.slice(0, maskPrefix).toLowerCase()),
  );
  const isPublic = (prefix: string): boolean => keywords.some((k) => k.toLowerCase().startsWith(prefix));
  if (prefixes.every(isPublic)) return [];
  return [tell('mask_prefix', 'shows more than the prefix that all matches share', 'at most the length of a keyword')];
}

function checkCost(detector: Detector, clock: () => number, tell: Tell): Problem[] {
  for (const text of hostileTexts(detector)) {
    const value = new TextEncoder().encode(text);
    let fastest = Number.POSITIVE_INFINITY;
    const begin = clock();
    for (let i = 0; i < TRIES && fastest > BUDGET_MS && clock() - begin < MAX_TRIED_MS; i++) {
      const start = clock();
      detector.compiled.matches(value, 100);
      fastest = Math.min(fastest, clock() - start);
    }
    if (fastest > BUDGET_MS) {
      const allowed = `at most ${BUDGET_MS} ms for ${HOSTILE_BYTES} bytes; fewer and smaller repetitions`;
      return [tell('pattern', 'too slow on a hostile value', allowed)];
    }
  }
  return [];
}

/** Texts of full length: what is over and over the same, and what begins like an example and never repeats itself. */
function* hostileTexts({ keywords, examples }: Detector): Generator<string> {
  const seeds = ['a', '0', 'Aa0', '-1', '1.', 'a@a.', '://a:'];
  for (const keyword of keywords) seeds.push(keyword, keyword + 'aA0-'.repeat(100));
  for (const { value } of examples) seeds.push(value, value.slice(0, -1));
  for (const seed of seeds) {
    if (seed !== '') yield seed.repeat(Math.ceil(HOSTILE_BYTES / seed.length)).slice(0, HOSTILE_BYTES);
  }
  for (const { value } of examples) {
    const start = value.slice(0, Math.ceil(value.length / 2));
    for (const noise of NOISES) yield (start + noise).slice(0, HOSTILE_BYTES);
  }
}

/** What never repeats itself leads through ever new states of a pattern. */
const NOISES = ['ab', '01', 'aB3'].map((alphabet) => {
  let state = 12_345;
  return Array.from({ length: HOSTILE_BYTES }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return alphabet[(state >>> 16) % alphabet.length]!;
  }).join('');
});
