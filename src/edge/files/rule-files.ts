import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { HARMLESS_SHAPES } from '../../engine/detect/harmless-shapes.js';
import { VALIDATORS } from '../../engine/detect/validators/index.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import type { ConventionDocument } from '../../engine/naming/registry.js';
import { type Problem, problem } from '../../engine/problem.js';
import { compileDetectors, type Detector, type RuleTables } from '../../engine/rules/detector-document.js';
import type { PatternCompiler } from '../../engine/rules/pattern.js';
import { readPriceModel } from '../../engine/rules/price-document.js';
import { readSensitiveKeys, type SensitiveKeyDocument } from '../../engine/rules/sensitive-key-document.js';

/** All that ships as data. */
export interface RuleSet {
  readonly detectors: readonly Detector[];
  readonly conventions: ConventionDocument;
  readonly sensitiveKeys: SensitiveKeyDocument;
  readonly prices: ReadonlyMap<string, PriceModel>;
}

export const RULE_TABLES: RuleTables = {
  validators: Object.keys(VALIDATORS),
  shapes: Object.keys(HARMLESS_SHAPES),
};

/** The folder `rules` of this package. */
export const RULES_DIR = join(import.meta.dirname, '..', '..', '..', '..', 'rules');

/** Reads and checks every rule file below a folder. */
export function loadRules(dir: string, compiler: PatternCompiler): { rules: RuleSet; problems: Problem[] } {
  const problems: Problem[] = [];
  const documents = readYaml(join(dir, 'detectors'), problems);
  const { detectors, problems: rejected } = compileDetectors(documents, RULE_TABLES, compiler);
  problems.push(...rejected);
  const prices = new Map<string, PriceModel>();
  for (const [file, content] of readYaml(join(dir, 'prices'), problems)) {
    const read = readPriceModel(file, content);
    problems.push(...read.problems);
    if (basename(file) !== `${read.model.id}.yaml`) {
      problems.push(problem('rule', `${file}: id`, 'not the name of the file', basename(file, '.yaml')));
    }
    prices.set(read.model.id, read.model);
  }
  const conventions = JSON.parse(readFileSync(join(dir, 'conventions', 'opentelemetry.json'), 'utf8'));
  const [file, content] = [...readYaml(join(dir, 'conventions'), problems)].find(([name]) =>
    name.endsWith('sensitive-keys.yaml'),
  ) ?? ['conventions/sensitive-keys.yaml', {}];
  const sensitive = readSensitiveKeys(file, content);
  problems.push(...sensitive.problems);
  return {
    rules: { detectors, sensitiveKeys: sensitive.document, conventions: conventions as ConventionDocument, prices },
    problems,
  };
}

/** Parsed YAML by path below `dir`, in the order of the paths. */
function readYaml(dir: string, problems: Problem[]): Map<string, unknown> {
  const documents = new Map<string, unknown>();
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  for (const name of names.sort()) {
    const file = relative(join(dir, '..'), join(dir, name));
    try {
      documents.set(file, parse(readFileSync(join(dir, name), 'utf8'), { logLevel: 'error' }));
    } catch (error) {
      if (!(error instanceof YAMLParseError)) throw error;
      problems.push(problem('rule', `${file}:${error.linePos?.[0].line ?? 1}`, 'not valid YAML', 'YAML 1.2'));
    }
  }
  return documents;
}
