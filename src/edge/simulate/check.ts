import type { PolicyVersion } from '../../engine/model/policy.js';
import { findConflicts } from '../../engine/policy/conflicts.js';
import { Simulator } from '../../engine/policy/simulate.js';
import { TRANSFORM_SLOT } from '../../engine/policy/slots.js';
import { POLICY_TARGETS } from '../../engine/policy/targets/index.js';

import type { CollectorOptions } from '../../engine/policy/targets/otel-collector.js';

import type { Rendered } from '../../engine/policy/targets/target.js';
import { formatProblem } from '../../engine/problem.js';
import { loadRules, RULES_DIR } from '../files/rule-files.js';
import { simulationTools } from '../policy/simulation-tools.js';
import { patternCompiler } from '../regex/index.js';
import { plural } from '../scan/describe.js';
import { printable } from '../scan/progress.js';
import { EXIT } from '../scan/scan.js';
import { toYaml } from '../serve/policy-sets.js';
import { loadPolicies, type PolicySource } from './policy-source.js';
import { cleaned, textCleaner } from './simulate.js';

/** Products other than the collector have no options. */
type PolicyRenderer = (policies: readonly PolicyVersion[], options: CollectorOptions) => Rendered;

interface Streams {
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
}

/** Checks policies by themselves and with each other; conflicts and what collectors cannot do make it fail. */
export async function runPolicyCheck(
  source: PolicySource,
  { write, warn }: Streams,
  collector: CollectorOptions = {},
): Promise<number> {
  const loaded = await loadPolicies(source);
  const simulator = Simulator.of(loaded.policies, simulationTools());
  const problems = [...loaded.problems, ...('problems' in simulator ? simulator.problems : [])];
  for (const p of problems) warn(printable(formatProblem(p)));
  if (problems.length > 0) return loaded.isUnreadable ? EXIT.unreadable : EXIT.usage;
  const clean = textCleaner(loadRules(RULES_DIR, patternCompiler().compiler).rules);
  const conflicts = findConflicts(loaded.policies).map((conflict) => cleaned(conflict, clean));
  for (const { kind, policies, services, what, remedy } of conflicts) {
    write(`${kind}: ${policies.join(' and ')}, in ${services.join(', ')}: ${what} ${remedy}\n`);
  }
  // What SDKs carry out is none of a collector's business.
  const forCollectors = loaded.policies.filter(
    ({ policy: { action } }) => !('stage' in action && action.stage === 'sdk'),
  );
  const { unsupported, notes = [], processors = [] } = POLICY_TARGETS['otel-collector'](forCollectors, collector);
  for (const { id, reason } of unsupported) write(`unsupported: ${clean(id)}: ${reason}\n`);
  for (const { id, note } of notes) write(`note: ${clean(id)}: ${note}\n`);
  for (const { id, processors: slots } of processors) {
    const others = slots.filter((slot) => slot !== TRANSFORM_SLOT);
    if (others.length > 0) write(`needs ${others.join(', ')}: ${clean(id)}\n`);
  }
  write(
    `${plural(loaded.policies.length, 'policy').replace(/policys$/, 'policies')}, ${plural(conflicts.length, 'conflict')}\n`,
  );
  return conflicts.length + unsupported.length > 0 ? EXIT.findings : EXIT.clean;
}

/** Writes policies in the form of a product. */
export async function runPolicyRender(
  source: PolicySource,
  target: keyof typeof POLICY_TARGETS,
  { write, warn }: Streams,
  collector: CollectorOptions = {},
): Promise<number> {
  const { policies, problems, isUnreadable } = await loadPolicies(source);
  for (const p of problems) warn(printable(formatProblem(p)));
  if (problems.length > 0) return isUnreadable ? EXIT.unreadable : EXIT.usage;
  const render: PolicyRenderer = POLICY_TARGETS[target];
  const { document, unsupported, notes = [] } = render(policies, collector);
  // Jaeger and the collector's extension read JSON only.
  write(target === 'jaeger-remote-sampling' ? `${JSON.stringify(document, null, 2)}\n` : toYaml(document));
  for (const { id, reason } of unsupported) warn(printable(`policy ${id} is not in it: ${reason}`));
  for (const { id, note } of notes) warn(printable(`policy ${id}: ${note}`));
  return unsupported.length > 0 ? EXIT.findings : EXIT.clean;
}
