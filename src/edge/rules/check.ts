import { formatProblem } from '../../engine/problem.js';
import { checkRules } from '../../flow/check-rules.js';
import { loadRules, RULES_DIR } from '../files/rule-files.js';
import { patternCompiler } from '../regex/index.js';

/** Checks the rules of a folder, with the shipped ones or alone, and says what is wrong with them. */
export function runRulesCheck(dir: string | null, say: (line: string) => void): boolean {
  const { compiler } = patternCompiler();
  const { rules, problems } = loadRules(dir ?? RULES_DIR, compiler);
  problems.push(...checkRules(rules.detectors, compiler, () => performance.now()));
  for (const problem of problems) say(formatProblem(problem));
  const examples = rules.detectors.reduce((sum, d) => sum + d.examples.length + d.nonExamples.length, 0);
  say(
    problems.length === 0
      ? `${rules.detectors.length} detectors in order: ${examples} examples and non-examples, costs`
      : `${problems.length} problem${problems.length === 1 ? '' : 's'} in ${rules.detectors.length} detectors`,
  );
  return problems.length === 0;
}
