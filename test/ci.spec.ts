import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { jsonRequest } from './support/otlp.js';
import { spanwarden } from './support/scan.js';
import { ROOT } from './support/service.js';
import { parseXml } from './support/xml.js';

/*
 * What deploy/ci has for other people's CI, run as the CI would, with an npx that starts this checkout.
 */
interface Action {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>;
  runs: { steps: { shell?: string; run?: string; env?: Record<string, string> }[] };
}
interface Job {
  script: string[];
  variables: Record<string, string>;
  artifacts: { reports: { junit: string } };
}
type Hook = { id: string; entry: string; language: string; files: string };

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'spanwarden-ci-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npx = join(folder, 'npx');
writeFileSync(
  npx,
  `#!/usr/bin/env bash
set -e
[ "$1" = --yes ] && shift
case "$1" in spanwarden|spanwarden@latest) shift ;; *) exit 99 ;; esac
exec ${process.execPath} ${join(ROOT, 'scripts', 'spanwarden.mjs')} "$@"
`,
);
chmodSync(npx, 0o755);
const leaky = jsonRequest([
  { resource: { 'service.name': 'shop' }, spans: [{ name: 'send', attributes: { 'mail.to': 'erika.m@shop.test' } }] },
]);
writeFileSync(join(folder, 'two traces.json'), leaky);
writeFileSync(join(folder, 'traces.json'), leaky);

function bash(
  script: string,
  env: Readonly<Record<string, string>>,
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    ...{ cwd: folder, encoding: 'utf8' },
    env: { ...env, PATH: `${folder}:${process.env.PATH}` },
  });
}

describe('the action for GitHub', () => {
  const { inputs, runs } = parse(text('deploy/ci/action.yml')) as Action;
  const step = runs.steps.find(({ run }) => run !== undefined)!;

  function act(given: Readonly<Record<string, string>>) {
    const output = join(folder, 'github-output');
    writeFileSync(output, '');
    const env = Object.entries(step.env!).map(([variable, from]) => {
      const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(from)![1]!;
      return [variable, given[input] ?? inputs[input]!.default ?? ''];
    });
    const ran = bash(step.run!, { ...Object.fromEntries(env), GITHUB_OUTPUT: output });
    return { ...ran, outputs: readFileSync(output, 'utf8') };
  }

  test('annotates, and fails', () => {
    const { status, stdout, outputs } = act({ paths: 'two traces.json\ntraces.json\n' });
    expect([status, outputs]).toEqual([1, 'exit-code=1\n']);
    expect(stdout).toMatch(/^::warning file=two traces\.json,line=1,title=Email address::/);
    expect(stdout).toContain('2 files');
  });

  test('hands all inputs on', () => {
    const { status, outputs } = act({
      ...{ paths: 'traces.json', format: 'sarif', output: 'out.sarif', 'fail-on': 'high' },
      options: '--kind=pii\n--min-confidence=high',
      rules: join(ROOT, 'test', 'scan', 'rules'),
    });
    expect([status, outputs]).toEqual([0, 'exit-code=0\n']);
    expect(readFileSync(join(folder, 'out.sarif'), 'utf8')).toContain('"ruleId": "email"');
    expect(act({ paths: 'traces.json', baseline: 'none.json' }).stderr).toContain('--baseline: none.json not found');
    expect(act({ paths: 'none.json' })).toMatchObject({ status: 5, outputs: 'exit-code=5\n' });
  });

  test('takes nothing of an input for a command', () => {
    const { status } = act({ paths: '$(touch planted)\n`touch planted`\n"; touch planted; "' });
    expect([status, existsSync(join(folder, 'planted'))]).toEqual([5, false]);
    expect(step.run).not.toContain('${{');
  });

  test('has every input in the table of its guide', () => {
    const guide = text('deploy/ci/README.md');
    for (const input of Object.keys(inputs)) expect(guide).toContain(`| \`${input}\` |`);
  });
});

test('the job for GitLab writes the report that it names', () => {
  const jobs = parse(text('deploy/ci/gitlab.yml')) as Record<string, Job>;
  const { script, variables, artifacts } = jobs['.spanwarden']!;
  const { status } = bash(script.join('\n'), {
    ...variables,
    SPANWARDEN_PATHS: 'traces.json',
    SPANWARDEN_OPTIONS: '--kind pii',
  });
  expect(status).toBe(1);
  expect(parseXml(readFileSync(join(folder, artifacts.reports.junit), 'utf8')).attributes.failures).toBe('1');
});

test('the hook for pre-commit takes files and options', () => {
  const [hook] = parse(text('.pre-commit-hooks.yaml')) as Hook[];
  expect(bash(`${hook!.entry} --kind=pii traces.json`, {}).status).toBe(1);
  const files = new RegExp(hook!.files.replace('(?i)', ''), 'i');
  const names = [
    'fixtures/traces.json',
    'a/Spans-1.jsonl.gz',
    'x/otlp.pb',
    'package.json',
    'traces/notes.md',
    'traces/tsconfig.json',
  ];
  expect(names.filter((name) => files.test(name))).toEqual(names.slice(0, 3));
});

test('the guides name options and formats that there are', () => {
  const { stdout: help } = spanwarden(['scan', '--help']);
  const options = new Set(help.match(/--[a-z][a-z-]*/g));
  const own = (line: string): boolean => /spanwarden(?:@\S+"?)? scan|^\| `--|SPANWARDEN_OPTIONS|args:/.test(line);
  for (const guide of [
    'docs/ci.md',
    'deploy/ci/README.md',
    'deploy/ci/gitlab.yml',
    'deploy/ci/action.yml',
    'docs/rules.md',
  ]) {
    const named =
      text(guide)
        .split('\n')
        .filter(own)
        .join('\n')
        .match(/--[a-z][a-z-]*/g) ?? [];
    expect([guide, named.filter((option) => !options.has(option) && option !== '--yes')]).toEqual([guide, []]);
  }
  for (const code of ['0', '1', '2', '5', '128']) {
    const meaning = new RegExp(`^ {2}${code} +(.+)$`, 'm').exec(help)![1]!;
    expect(text('docs/ci.md')).toContain(`| ${code} | ${meaning} |`);
  }
});
