import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { HARMLESS_SHAPES } from '../../engine/detect/harmless-shapes.js';
import { VALIDATORS } from '../../engine/detect/validators/index.js';
import type { Backend } from '../../engine/model/backend-limits.js';
import type { ConventionDocument } from '../../engine/model/convention.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import { type Problem, problem } from '../../engine/problem.js';
import { readBackend } from '../../engine/rules/backend-document.js';
import { readConventions } from '../../engine/rules/convention-document.js';
import { compileDetectors, type Detector, type RuleTables } from '../../engine/rules/detector-document.js';
import type { PatternCompiler } from '../../engine/rules/pattern.js';
import { readPriceModel } from '../../engine/rules/price-document.js';
import { readSensitiveKeys, type SensitiveKeyDocument } from '../../engine/rules/sensitive-key-document.js';

/** All that ships as data. */
export interface RuleSet {
  readonly detectors: readonly Detector[];
  /** Registries in the order in which they are asked: OpenTelemetry's, a company's, vendors'. */
  readonly conventions: readonly ConventionDocument[];
  readonly sensitiveKeys: SensitiveKeyDocument;
  readonly prices: ReadonlyMap<string, PriceModel>;
  readonly backends: readonly Backend[];
}

export const RULE_TABLES: RuleTables = {
  validators: Object.keys(VALIDATORS),
  shapes: Object.keys(HARMLESS_SHAPES),
};

/** The folder `rules` of this package. */
export const RULES_DIR = join(import.meta.dirname, '..', '..', '..', '..', 'rules');
const BUILT_DETECTORS = join(RULES_DIR, '..', 'dist', 'detectors.json');

/**
 * Reads and compiles the detectors of several folders, each with a folder `detectors` in it. Those of the folder that
 * ships are named from there, those of other folders by their path.
 */
export function loadDetectors(
  dirs: readonly string[],
  compiler: PatternCompiler,
): { detectors: Detector[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const documents = new Map<string, unknown>();
  for (const dir of dirs) {
    const folder = join(dir, 'detectors');
    if (!isFolder(folder)) {
      problems.push(problem('rule', dir, 'no folder detectors in it', 'a folder with rule files below detectors'));
      continue;
    }
    const files = (dir === RULES_DIR ? builtDetectors() : null) ?? readYaml(folder, problems, ruleFilePrefix(dir));
    for (const [file, content] of files) documents.set(file, content);
  }
  const compiled = compileDetectors(documents, RULE_TABLES, compiler);
  return { detectors: compiled.detectors, problems: [...problems, ...compiled.problems] };
}

/** What the names of a folder's rule files begin with. */
export function ruleFilePrefix(dir: string): string {
  return dir === RULES_DIR ? '' : `${dir.replace(/[\\/]+$/, '')}/`;
}

/** What `scripts/compile-rules.mjs` made of the detectors that ship; null where it is not there. */
function builtDetectors(): Map<string, unknown> | null {
  try {
    return new Map(JSON.parse(readFileSync(BUILT_DETECTORS, 'utf8')) as [string, unknown][]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * What is known of names: the semantic conventions that ship, those of a company where there are some, and the keys that
 * are sensitive whatever their value is.
 *
 * @param company folder of a registry in Weaver's YAML
 */
export function loadConventions(
  dir: string,
  problems: Problem[],
  company: string | null = null,
): Pick<RuleSet, 'conventions' | 'sensitiveKeys'> {
  const folder = join(dir, 'conventions');
  const shipped = (name: string): ConventionDocument =>
    JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as ConventionDocument;
  const own = company === null ? [] : [companyConventions(company, problems)];
  const conventions = [shipped('opentelemetry'), ...own, shipped('sentry')];
  const [file, content] = [...readYaml(folder, problems)].find(([name]) => name.endsWith('sensitive-keys.yaml')) ?? [
    'conventions/sensitive-keys.yaml',
    {},
  ];
  const sensitive = readSensitiveKeys(file, content);
  problems.push(...sensitive.problems);
  return { conventions, sensitiveKeys: sensitive.document };
}

function companyConventions(dir: string, problems: Problem[]): ConventionDocument {
  if (!isFolder(dir)) {
    problems.push(problem('config', 'SPANWARDEN_CONVENTIONS', 'not a folder', 'a folder with YAML files in it'));
    return { name: 'company', version: '', kind: 'company', attributes: {} };
  }
  const read = readConventions(basename(resolve(dir)), readYaml(dir, problems));
  problems.push(...read.problems);
  return read.document;
}

/**
 * Reads and checks every rule file below a folder.
 *
 * @param company folder of a company's registry of conventions
 */
export function loadRules(
  dir: string,
  compiler: PatternCompiler,
  company: string | null = null,
): { rules: RuleSet; problems: Problem[] } {
  const { detectors, problems } = loadDetectors([dir], compiler);
  const prices = new Map<string, PriceModel>();
  for (const [file, content] of readYaml(join(dir, 'prices'), problems)) {
    const read = readPriceModel(file, content);
    problems.push(...read.problems);
    if (basename(file) !== `${read.model.id}.yaml`) {
      problems.push(problem('rule', `${file}: id`, 'not the name of the file', basename(file, '.yaml')));
    }
    prices.set(read.model.id, read.model);
  }
  const backends: Backend[] = [];
  for (const [file, content] of readYaml(join(dir, 'backends'), problems)) {
    const read = readBackend(file, content);
    problems.push(...read.problems);
    backends.push(read.backend);
  }
  return { rules: { detectors, ...loadConventions(dir, problems, company), prices, backends }, problems };
}

/** Parsed YAML by path from the folder above `dir`, behind a prefix, in the order of the paths. */
export function readYaml(dir: string, problems: Problem[], prefix = ''): Map<string, unknown> {
  const documents = new Map<string, unknown>();
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  for (const name of names.sort()) {
    const file = `${prefix}${relative(join(dir, '..'), join(dir, name))}`;
    try {
      documents.set(file, parse(readFileSync(join(dir, name), 'utf8'), { logLevel: 'error' }));
    } catch (error) {
      if (!(error instanceof YAMLParseError)) throw error;
      problems.push(problem('rule', `${file}:${error.linePos?.[0].line ?? 1}`, 'not valid YAML', 'YAML 1.2'));
    }
  }
  return documents;
}
