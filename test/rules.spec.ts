import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Ajv2020Module from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { loadRules, RULE_TABLES, RULES_DIR } from '../src/edge/files/rule-files.js';
import { nodeRe2 } from '../src/edge/regex/node-re2.js';
import { re2js } from '../src/edge/regex/re2js.js';
import { costOfUsage, metersToFill, pricesAt } from '../src/engine/cost/price.js';
import { Scanner } from '../src/engine/detect/scanner.js';
import { formatProblem } from '../src/engine/problem.js';
import { compileDetectors } from '../src/engine/rules/detector-document.js';
import type { PatternCompiler } from '../src/engine/rules/pattern.js';
import { readPriceModel } from '../src/engine/rules/price-document.js';
import { checkRules, scanExample } from '../src/flow/check-rules.js';

const ENGINES: readonly (readonly [string, PatternCompiler])[] = [
  ['re2', nodeRe2()!],
  ['re2js', re2js()],
];

describe.each(ENGINES)('shipped detectors on %s', (_name, compiler) => {
  const { rules, problems } = loadRules(RULES_DIR, compiler);
  const scanner = new Scanner(rules.detectors, () => '');

  test('the rule files have no problems, and all examples and non-examples hold', () => {
    // What a pattern costs is measured by `spanwarden rules check`, not here.
    expect([...problems, ...checkRules(rules.detectors, null)].map(formatProblem)).toEqual([]);
    expect(rules.detectors.length).toBeGreaterThanOrEqual(25);
  });

  test('masks show separators and public prefixes only', () => {
    for (const { id, examples, maskPrefix } of rules.detectors) {
      for (const example of examples) {
        const match = scanExample(scanner, example).find((m) => m.detector.id === id)!;
        expect([id, match.mask.slice(maskPrefix).replace(/[*…]/g, '')]).toEqual([
          id,
          expect.stringMatching(/^[@.\-_:/+() ]*$/),
        ]);
      }
    }
  });
});

test('both engines find the same in every example', () => {
  const scanners = ENGINES.map(([, compiler]) => new Scanner(loadRules(RULES_DIR, compiler).rules.detectors, () => ''));
  const { rules } = loadRules(RULES_DIR, ENGINES[0]![1]);
  for (const example of rules.detectors.flatMap((d) => [...d.examples, ...d.nonExamples])) {
    const [a, b] = scanners.map((s) => scanExample(s, example).map((m) => [m.detector.id, m.start, m.end, m.mask]));
    expect(b).toEqual(a);
  }
});

test('rule files are valid by the published JSON Schema, which knows the fields that the reader knows', () => {
  const schema = JSON.parse(readFileSync(join(RULES_DIR, 'detectors.schema.json'), 'utf8'));
  const valid = new Ajv2020Module.default({ allErrors: true }).compile(schema);
  const files = readdirSync(join(RULES_DIR, 'detectors'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  );
  for (const file of files) {
    const document = parse(readFileSync(join(RULES_DIR, 'detectors', file), 'utf8'));
    expect([file, valid(document) ? [] : valid.errors]).toEqual([file, []]);
  }
  const known = Object.keys(schema.properties.detectors.items.properties).sort();
  const { problems } = compileDetectors(
    new Map([['x', { family: 'x', detectors: [{ nonsense: 1 }] }]]),
    RULE_TABLES,
    nodeRe2()!,
  );
  expect(
    problems
      .find((p) => p.where.endsWith('nonsense'))!
      .allowed.split(', ')
      .sort(),
  ).toEqual(known);
});

test('every price model computes its worked examples', () => {
  const { rules } = loadRules(RULES_DIR, ENGINES[0]![1]);
  for (const model of rules.prices.values()) {
    expect([model.id, model.examples.length > 0]).toEqual([model.id, metersToFill(model).length === 0]);
    for (const { ingestedBytes: bytes, spans, days, cost, savingPerGb } of model.examples) {
      const usage = { bytes, spans, days };
      expect([model.id, costOfUsage(usage, model)]).toEqual([model.id, expect.closeTo(cost, 9)]);
      expect([model.id, pricesAt(usage, model).marginalPerByte * 1e9]).toEqual([
        model.id,
        expect.closeTo(savingPerGb, 9),
      ]);
    }
  }
});

test('a price file with wrong units gets all its problems told at once', () => {
  const meters = [
    { id: 'a', measures: 'ingested_bytes', unit: 'TB', price_per_unit: 1 },
    { id: 'b', measures: 'events', unit: 'GB', price_per_unit: -1 },
    { id: 'c', measures: 'hosts', unit: 'host', price_per_unit: 1, marginal_price_per_unit: 1, typo: 1 },
    { id: 'd', measures: 'indexed_spans', unit: 'million' },
  ];
  const { problems } = readPriceModel('prices/x.yaml', {
    ...{ id: 'x', name: 'X', vendor: 'X', currency: 'usd', as_of: '2026-01-01', source: 'https://x.test', meters },
  });
  expect(problems.map(({ where, what, allowed }) => `${where}: ${what}; ${allowed}`)).toEqual([
    'prices/x.yaml: currency: wrong form; an ISO 4217 code',
    'prices/x.yaml: meters[0]: unit: missing or unknown; GB, GiB',
    'prices/x.yaml: meters[1]: price_per_unit: out of range; a number from 0 to 1000000',
    'prices/x.yaml: meters[1]: unit: missing or unknown; span, million',
    expect.stringMatching(/^prices\/x\.yaml: meters\[2\]: typo: unknown field; /),
    'prices/x.yaml: meters[2]: marginal_price_per_unit: not for this measure; nothing: what is dropped saves nothing here',
    'prices/x.yaml: meters[3]: price_per_unit: missing; a number from 0, or null to fill it in',
  ]);
});

test('a rule with many mistakes gets all of them told at once, with file and field', () => {
  const files = new Map<string, unknown>([
    [
      'detectors/mine.yaml',
      {
        family: 'mine',
        detectors: [
          { id: 'Bad Id', name: 'x', kind: 'secret', severity: 'huge', confidence: 'high', pattern: '(?=x)', typo: 1 },
          {
            id: 'empty',
            name: 'x',
            kind: 'pii',
            severity: 'low',
            confidence: 'high',
            keywords: ['ab'],
            pattern: 'a*',
            validators: ['nope'],
          },
        ],
      },
    ],
    ['detectors/other.yaml', ['not a rule file']],
  ]);
  const { problems } = compileDetectors(files, RULE_TABLES, nodeRe2()!);
  expect(problems.map((p) => p.where)).toEqual([
    'detectors/mine.yaml: Bad Id: typo',
    'detectors/mine.yaml: Bad Id: id',
    'detectors/mine.yaml: Bad Id: severity',
    'detectors/mine.yaml: Bad Id: examples',
    'detectors/mine.yaml: Bad Id: non_examples',
    'detectors/mine.yaml: Bad Id: remedy',
    'detectors/mine.yaml: Bad Id: keywords',
    'detectors/mine.yaml: Bad Id: references',
    'detectors/mine.yaml: Bad Id: pattern',
    'detectors/mine.yaml: empty: validators',
    'detectors/mine.yaml: empty: examples',
    'detectors/mine.yaml: empty: non_examples',
    'detectors/mine.yaml: empty: remedy',
    'detectors/mine.yaml: empty: references',
    'detectors/mine.yaml: empty: pattern',
    'detectors/other.yaml',
  ]);
});
