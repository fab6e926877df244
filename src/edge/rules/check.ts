import { resolve } from 'node:path';
import { formatProblem, type Problem, problem } from '../../engine/problem.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import type { PatternCompiler } from '../../engine/rules/pattern.js';
import { checkRules } from '../../flow/check-rules.js';
import { loadDetectors, RULES_DIR, ruleFilePrefix } from '../files/rule-files.js';
import { patternCompiler } from '../regex/index.js';

/** Which detectors run together. */
export interface RuleSource {
  /** Folders of rules, each with a folder `detectors` in it. */
  readonly dirs: readonly string[];
  /** Whether the rules that ship run beside them. */
  readonly shipped: boolean;
}

export interface LoadedDetectors {
  readonly detectors: readonly Detector[];
  /** Those of the folders given. */
  readonly proven: readonly Detector[];
  readonly problems: readonly Problem[];
}

/** Loads detectors and proves those of the folders given; those that ship are proven where they are made. */
export function loadAndProve({ dirs, shipped }: RuleSource, compiler: PatternCompiler): LoadedDetectors {
  const given = dirs.filter((dir, i) => dirs.findIndex((other) => resolve(other) === resolve(dir)) === i);
  const beside = shipped && !given.some((dir) => resolve(dir) === RULES_DIR) ? [RULES_DIR] : [];
  const { detectors, problems } = loadDetectors([...beside, ...given], compiler);
  if (detectors.length === 0 && problems.length === 0) {
    problems.push(problem('rule', 'rules', 'no detectors at all', 'the rules that ship, or a folder of rules'));
  }
  const prefixes = given.map(ruleFilePrefix);
  const proven = detectors.filter(({ file }) => prefixes.some((prefix) => file.startsWith(prefix)));
  // A rule that cannot be read would make its examples fail besides.
  if (problems.length > 0) return { detectors, proven, problems };
  return { detectors, proven, problems: checkRules(detectors, cpuMilliseconds, proven) };
}

/** Checks rules and says what is wrong with them: those of the folders given, or those that ship. */
export function runRulesCheck({ dirs, shipped }: RuleSource, say: (line: string) => void): boolean {
  const { compiler } = patternCompiler();
  const source = dirs.length === 0 ? { dirs: [RULES_DIR], shipped: false } : { dirs, shipped };
  const { proven, problems } = loadAndProve(source, compiler);
  for (const problem of problems) say(formatProblem(problem));
  const examples = proven.reduce((sum, d) => sum + d.examples.length + d.nonExamples.length, 0);
  say(
    problems.length === 0
      ? `${proven.length} detectors in order: ${examples} examples and non-examples, costs`
      : `${problems.length} problem${problems.length === 1 ? '' : 's'} in ${proven.length} detectors`,
  );
  return problems.length === 0;
}

/** What this process has computed: unlike the time of day it does not grow while others compute. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
