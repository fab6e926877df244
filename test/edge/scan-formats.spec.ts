import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { escapeData, escapeProperty } from '../../src/edge/scan/formats/github.js';
import { SCAN_FORMATS, type ScanFormatName } from '../../src/edge/scan/formats/index.js';
import { escapeXml } from '../../src/edge/scan/formats/junit.js';
import { expectGolden } from '../support/golden.js';
import { type ScanRun, scanHere } from '../support/scan.js';
import { ROOT } from '../support/service.js';
import { parseXml, type XmlElement } from '../support/xml.js';

/*
 * Every folder of test/scan that has an input is a case: what each format makes of it, with detectors of its own, so
 * that the golden files do not change with those that ship.
 */
const SCAN = join(ROOT, 'test', 'scan');
const CASES = readdirSync(SCAN).filter((name) => existsSync(join(SCAN, name, 'input.jsonl')));
const EXIT: Readonly<Record<string, number>> = { clean: 0, leaks: 1, hostile: 1, broken: 5 };
const GOLDEN: Readonly<Record<ScanFormatName, string>> = {
  table: 'table.txt',
  json: 'findings.json',
  jsonl: 'matches.jsonl',
  sarif: 'sarif.json',
  junit: 'junit.xml',
  github: 'github.txt',
  gitlab: 'code-quality.json',
};
const NAMES = Object.keys(SCAN_FORMATS) as ScanFormatName[];
const RULES = { dirs: [join(SCAN, 'rules')], shipped: false };

const runs = new Map<string, ScanRun>();
const outputOf = (name: string, format: ScanFormatName): string => runs.get(`${name} ${format}`)!.stdout;
const before = process.cwd();

beforeAll(async () => {
  for (const name of CASES) {
    process.chdir(join(SCAN, name));
    for (const format of NAMES)
      runs.set(`${name} ${format}`, await scanHere(['input.jsonl'], { format, rules: RULES }));
  }
});
afterAll(() => process.chdir(before));

describe.each(CASES)('%s', (name) => {
  test.each(NAMES)('as %s is its golden file', (format) => {
    expectGolden(`scan/${name}/${GOLDEN[format]}`, outputOf(name, format));
  });

  test('ends with the same code in every format', () => {
    const codes = new Set(NAMES.map((format) => runs.get(`${name} ${format}`)!.status));
    expect([...codes]).toEqual([EXIT[name]]);
  });
});

test('cases and formats are those that are expected', () => {
  expect(CASES).toEqual(Object.keys(EXIT).sort());
  const files = Object.values(GOLDEN).sort();
  for (const name of CASES) {
    const kept = readdirSync(join(SCAN, name)).filter((file) => file !== 'input.jsonl');
    expect([name, kept.sort()]).toEqual([name, files]);
  }
});

interface Sarif {
  runs: {
    tool: { driver: { rules: { id: string; properties: Record<string, unknown> }[] } };
    invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
    results: {
      ruleId: string;
      ruleIndex: number;
      message: { text: string };
      partialFingerprints: Record<string, string>;
      properties: Record<string, string>;
    }[];
  }[];
}

describe('SARIF', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormatsModule.default(ajv);
  const isValid = ajv.compile(JSON.parse(readFileSync(join(SCAN, 'sarif.schema.json'), 'utf8')) as object);
  const sarifOf = (name: string): Sarif => JSON.parse(outputOf(name, 'sarif')) as Sarif;

  test.each(CASES)('of %s fits the schema', (name) => {
    isValid(sarifOf(name));
    expect(isValid.errors).toBeNull();
  });

  test('the schema finds what does not fit', () => {
    const document = sarifOf('leaks');
    const [run] = document.runs;
    expect(isValid({ ...document, runs: [{ ...run, tool: {} }] })).toBe(false);
    expect(isValid({ ...document, runs: [{ ...run, results: [{ ruleId: 'x', message: { text: 1 } }] }] })).toBe(false);
    expect(isValid({ ...document, version: '2.0.0' })).toBe(false);
  });

  test.each(CASES)('of %s has results that point to their rules, each with a fingerprint of its own', (name) => {
    const [run] = sarifOf(name).runs;
    const { rules } = run!.tool.driver;
    for (const { ruleId, ruleIndex } of run!.results) expect(rules[ruleIndex]!.id).toBe(ruleId);
    expect(new Set(run!.results.map(({ ruleId }) => ruleId)).size).toBe(rules.length);
    const fingerprints = run!.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });

  test('keeps bad names apart from weaknesses', () => {
    const { rules } = sarifOf('leaks').runs[0]!.tool.driver;
    const security = Object.fromEntries(rules.map(({ id, properties }) => [id, properties['security-severity']]));
    expect(security).toMatchObject({ 'acme-token': '9.5', 'acme-customer': '5.5', deprecated: undefined });
    expect(security).toHaveProperty('deprecated');
  });

  test('has no links that come out of names', () => {
    for (const { message } of sarifOf('hostile').runs[0]!.results) expect(message.text).not.toMatch(/[^\\]\]\(/);
  });

  test('says what could not be read', () => {
    const [invocation] = sarifOf('broken').runs[0]!.invocations;
    expect(invocation).toMatchObject({ executionSuccessful: false });
    expect(invocation!.toolExecutionNotifications).toHaveLength(2);
  });
});

test('fingerprints are the same in every run, whatever the values, lines and times', async () => {
  const fingerprints = async (paths: readonly string[]): Promise<string[]> => {
    const { stdout } = await scanHere(paths, { format: 'sarif', rules: RULES });
    const { results } = (JSON.parse(stdout) as Sarif).runs[0]!;
    return results.map((result) => JSON.stringify([result.properties.key, result.partialFingerprints])).sort();
  };
  const path = join(SCAN, 'leaks', 'input.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const others = lines.map((line) => line.replaceAll('T4xWq8', 'Zz9Yk7').replaceAll('C10293847', 'C56473829'));
  const folder = mkdtempSync(join(tmpdir(), 'spanwarden-formats-'));
  const turned = join(folder, 'turned.jsonl');
  writeFileSync(
    turned,
    others
      .reverse()
      .join('\n')
      .replace(/"endTimeUnixNano":"\d/g, '"endTimeUnixNano":"2'),
  );
  try {
    const known = await fingerprints([path]);
    expect(known.length).toBeGreaterThan(10);
    expect(await fingerprints([turned])).toEqual(known);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('JUnit', () => {
  const all = (element: XmlElement, name: string): XmlElement[] =>
    [element, ...element.children.flatMap((child) => all(child, name))].filter((e) => e.name === name);

  test.each(CASES)('of %s is XML whose totals are right', (name) => {
    const root = parseXml(outputOf(name, 'junit'));
    expect(root.name).toBe('testsuites');
    for (const element of [root, ...root.children]) {
      const { tests, failures, errors } = element.attributes;
      const found = ['testcase', 'failure', 'error'].map((kind) => String(all(element, kind).length));
      expect([tests, failures, errors]).toEqual(found);
    }
    const cases = all(root, 'testcase').map(({ attributes }) => `${attributes.classname} ${attributes.name}`);
    expect(new Set(cases).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThan(0);
  });

  test('keeps hostile names as they are', () => {
    const text = all(parseXml(outputOf('hostile', 'junit')), 'testcase')
      .map(({ attributes }) => attributes.name)
      .join('\n');
    for (const name of ['a<b>&"c\'', ']]><!--', 'emoji 😀', '[x](https://evil.test)']) expect(text).toContain(name);
  });

  test('has no characters that XML does not have', () => {
    expect(escapeXml('a\u0000b\u001bc\ud800d\uffffe\tf\ng😀<&>"\'')).toBe('a�b�c�d�e\tf\ng😀&lt;&amp;&gt;&quot;&apos;');
  });
});

describe('GitHub commands', () => {
  /** As the runner takes a line apart (actions/runner, `ActionCommand.cs`). */
  function parse(line: string): { name: string; properties: Record<string, string>; message: string } | null {
    const found = /^::(\w+)(?: ([^:]*))?::(.*)$/s.exec(line);
    if (found === null) return null;
    const decode = (text: string): string =>
      text
        .replaceAll('%0D', '\r')
        .replaceAll('%0A', '\n')
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
        .replaceAll('%25', '%');
    const properties = (found[2] ?? '').split(',').map((pair) => pair.split(/=(.*)/s).slice(0, 2).map(decode));
    return { name: found[1]!, properties: Object.fromEntries(properties), message: decode(found[3]!) };
  }

  test.each(CASES)('of %s are one line for each finding or problem, and a line at the end', (name) => {
    const lines = outputOf(name, 'github').trimEnd().split('\n');
    expect(lines.pop()).toMatch(/^\d+ findings? · /);
    const { findings, files } = JSON.parse(outputOf(name, 'json')) as {
      findings: { key: string; severity: string }[];
      files: { problems: string[] }[];
    };
    const commands = lines.map(parse);
    expect(commands).toHaveLength(findings.length + files[0]!.problems.length);
    for (const [i, { key, severity }] of findings.entries()) {
      const level = { critical: 'error', medium: 'warning', low: 'notice' }[severity];
      expect(commands[i]).toMatchObject({ name: level, properties: { file: 'input.jsonl' } });
      expect(commands[i]!.message).toContain(key);
      expect(Number(commands[i]!.properties.line)).toBeGreaterThan(0);
    }
  });

  test('escape as documented', () => {
    expect(escapeData('100%\r\na:b,c')).toBe('100%25%0D%0Aa:b,c');
    expect(escapeProperty('100%\r\na:b,c')).toBe('100%25%0D%0Aa%3Ab%2Cc');
    expect(escapeData('%0A')).toBe('%250A');
  });

  test('name no file for standard input', () => {
    const render = SCAN_FORMATS.github.render;
    const files = [{ file: '-', spans: 0, rejectedSpans: 0, problems: ['-: empty'] }];
    expect(render({ version: '0', files, findings: [], detectors: 1, baseline: null }).split('\n')[0]).toBe(
      '::error title=Not scanned::-: empty',
    );
  });
});

test('Code Quality has what GitLab needs, each with a fingerprint of its own', () => {
  const issues = JSON.parse(outputOf('leaks', 'gitlab')) as { fingerprint: string }[];
  expect(issues.length).toBeGreaterThan(10);
  for (const issue of issues) {
    expect(issue).toEqual({
      description: expect.stringMatching(/\w/),
      check_name: expect.stringMatching(/^[a-z]/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      severity: expect.stringMatching(/^(?:info|minor|major|critical|blocker)$/),
      location: { path: 'input.jsonl', lines: { begin: expect.any(Number) } },
    });
  }
  expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length);
});

test('a line of jsonl has the place of its match', () => {
  const lines = outputOf('leaks', 'jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const locations = new Set(lines.map(({ location }) => location));
  expect([...locations].sort()).toEqual(['event', 'link', 'resource', 'scope', 'span', 'span_name', 'status']);
  const note = lines.filter(({ key }) => key === 'app.note');
  expect(note.map(({ line, start, end }) => [line, start, end])).toEqual([
    [3, 8, 50],
    [3, 57, 99],
  ]);
  const fields = [
    ...['detector', 'family', 'kind', 'severity', 'confidence', 'file', 'line', 'service', 'trace_id', 'span_id'],
    ...['location', 'key', 'component', 'start', 'end', 'mask'],
  ];
  for (const line of lines) expect(Object.keys(line)).toEqual(fields);
});
