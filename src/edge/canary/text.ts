import type { CanaryPlan, CanaryResult, CanaryRun } from '../serve/contract/canaries.js';

const SIGNS: Readonly<Record<CanaryResult['verdict'], string>> = {
  clean: '✓ clean',
  leaked: '✗ leaked',
  lost: '! lost',
  pending: '! lost',
};
const WIDTH = 14;

/** What came of a run, a line for each policy, and what can be done where one is not proved. */
export function describeRun(plan: CanaryPlan, run: CanaryRun | null): string {
  const results = run?.results ?? [];
  const titles = new Map(plan.canaries.map(({ policy, title }) => [policy, title]));
  const lines = results.flatMap((result) => [
    line(SIGNS[result.verdict], titles.get(result.policy) ?? result.policy, result.policy),
    ...explain(result).map((text) => `${' '.repeat(WIDTH)} ${text}`),
  ]);
  for (const { policy, title, reason } of plan.unprovable) {
    lines.push(line('- not proved', title, policy), `${' '.repeat(WIDTH)} ${reason}`);
  }
  for (const policy of plan.not_in_force) lines.push(line('- not in force', policy, ''));
  if (lines.length === 0) return 'No policies are in force: there is nothing to prove.\n';
  const count = (verdict: CanaryResult['verdict']): number => results.filter((row) => row.verdict === verdict).length;
  const lost = count('lost') + count('pending');
  lines.push('', `${count('clean')} clean, ${count('leaked')} leaked, ${lost} lost`);
  return `${lines.join('\n')}\n`;
}

function line(sign: string, title: string, policy: string): string {
  return `${sign.padEnd(WIDTH)} ${title}${policy === '' ? '' : `  ${policy}`}`;
}

function explain({ verdict, collectors, canaries, missing, arrived }: CanaryResult): string[] {
  if (verdict === 'clean') return [];
  if (verdict === 'leaked') return collectors.filter(({ is_leaking }) => is_leaking).flatMap(leak);
  const seen = arrived > 0 ? `; ${arrived} were seen before the policies, so they were dropped behind them` : '';
  return [`${missing} of ${canaries} did not come back${seen}`];
}

function leak({ collector, tap, revision }: CanaryResult['collectors'][number]): string[] {
  const name = collector === '' ? 'a collector that gives no name' : collector;
  const policies = revision === '' ? '' : `, with policies of revision ${revision}`;
  const hint = 'nothing says where its copy is taken; if before the policies, say so: header spanwarden-tap: before';
  return [`through ${name}${policies}`, ...(tap === 'unknown' && revision === '' ? [hint] : [])];
}
