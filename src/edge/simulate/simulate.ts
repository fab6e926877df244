import { randomBytes, randomInt } from 'node:crypto';
import { KeyedHash } from '../../engine/cardinality/keyed-hash.js';
import { metersToFill } from '../../engine/cost/price.js';
import { simulatedSaving } from '../../engine/cost/saving.js';
import { Scanner } from '../../engine/detect/scanner.js';
import { SensitiveKeys } from '../../engine/detect/sensitive-keys.js';
import type { PolicyVersion } from '../../engine/model/policy.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import type { AttributeChange, SimulatedCounts } from '../../engine/model/simulation.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import { findConflicts, type PolicyConflict } from '../../engine/policy/conflicts.js';
import { SamplingSimulation } from '../../engine/policy/gather-traces.js';
import { isSampling } from '../../engine/policy/sampling-rules.js';
import { Simulator } from '../../engine/policy/simulate.js';
import { POLICY_TARGETS } from '../../engine/policy/targets/index.js';
import { formatProblem, type Problem, problem } from '../../engine/problem.js';
import { Analyser } from '../../flow/analyse.js';
import { scanExample } from '../../flow/check-rules.js';
import type { ScannedFile } from '../../flow/scan.js';
import { PolicySimulation } from '../../flow/simulate.js';
import { keyedFingerprint } from '../auth/fingerprint.js';
import { loadRules, RULES_DIR, type RuleSet } from '../files/rule-files.js';
import { simulationTools } from '../policy/simulation-tools.js';
import { patternCompiler } from '../regex/index.js';
import { plural } from '../scan/describe.js';
import { BufferedText, openOutput } from '../scan/output.js';
import { printable } from '../scan/progress.js';
import { EXIT, type ScanSurroundings } from '../scan/scan.js';
import { type FailOn, fails } from '../scan/selection.js';
import { readTraceFile } from '../scan/trace-file.js';
import { findTraceFiles } from '../scan/trace-paths.js';
import { SIMULATION_FORMATS, type SimulationFormatName } from './formats/index.js';
import { loadPolicies, type PolicySource } from './policy-source.js';
import type { SimulationReport } from './report.js';

export interface SimulateOptions {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly policies: PolicySource;
  readonly format: SimulationFormatName;
  /** Null for standard output. */
  readonly output: string | null;
  readonly failOn: FailOn;
  /** Id of a price model; null for none. */
  readonly price: string | null;
  /** Probability of a trace to be in the files, for spans that do not say it; null where it is not known. */
  readonly samplingRatio: number | null;
}

/** How many problems of one file are told one by one. */
const MAX_PROBLEMS = 20;

interface Prepared {
  readonly files: readonly string[];
  readonly unreadable: readonly ScannedFile[];
  readonly rules: RuleSet;
  readonly policies: readonly PolicyVersion[];
  readonly simulator: Simulator;
  readonly price: PriceModel | null;
}

/** Simulates policies on trace files and writes what they do. Gives the exit code. */
export async function runSimulate(options: SimulateOptions, surroundings: ScanSurroundings): Promise<number> {
  const warn = (line: string): void => surroundings.warn(printable(line));
  const prepared = await prepare(options);
  if ('problems' in prepared) {
    for (const p of prepared.problems) warn(formatProblem(p));
    return prepared.exit;
  }
  const output = options.output === null ? null : openOutput('--output', options.output);
  if (output !== null && 'code' in output) {
    warn(formatProblem(output));
    return EXIT.usage;
  }
  try {
    const { files, counts } = await simulateFiles(prepared);
    const report = reportOf(options, prepared, files, counts, surroundings.version);
    const text = new BufferedText(output === null ? surroundings.write : (piece) => output.write(piece));
    text.add(SIMULATION_FORMATS[options.format](report));
    text.flush();
    output?.finish();
    for (const { id, policy } of prepared.policies) {
      if (policy.action.kind === 'sample') warn(`policy ${id}: ${NOT_SIMULATED}`);
    }
    for (const { file, problems, spans } of report.files) {
      for (const line of problems) warn(line);
      if (problems.length === 0 && spans === 0) warn(`no spans in ${file}`);
    }
    if (report.files.some(({ problems, rejectedSpans }) => problems.length > 0 || rejectedSpans > 0)) {
      return EXIT.unreadable;
    }
    return fails(options.failOn, remainingOf(counts)) ? EXIT.findings : EXIT.clean;
  } finally {
    output?.discard();
  }
}

const NOT_SIMULATED =
  'it drops whole traces, which is not in these figures; POST /api/v1/sampling/proposals says what it keeps';

function remainingOf({ findings }: SimulatedCounts): SimulatedCounts['findings'] {
  return findings.filter(({ after }) => after > 0);
}

interface NotPrepared {
  readonly problems: readonly Problem[];
  readonly exit: number;
}

async function prepare(options: SimulateOptions): Promise<Prepared | NotPrepared> {
  const { rules, problems: ofRules } = loadRules(RULES_DIR, patternCompiler().compiler);
  const loaded = await loadPolicies(options.policies);
  const { files, unreadable, problems: noFiles } = findTraceFiles(options.paths, ownFiles(options));
  const simulator = Simulator.of(loaded.policies, simulationTools());
  const price = options.price === null ? null : (rules.prices.get(options.price) ?? null);
  const problems = [
    ...ofRules,
    ...loaded.problems,
    ...('problems' in simulator ? simulator.problems : []),
    ...checkPrice(options.price, price, rules),
    ...noFiles,
  ];
  if (problems.length > 0 || 'problems' in simulator) {
    return { problems, exit: loaded.isUnreadable ? EXIT.unreadable : EXIT.usage };
  }
  const folders = unreadable.map((folder) => ({ ...folder, spans: 0, rejectedSpans: 0 }));
  return { ...{ files, unreadable: folders, rules, simulator, price }, policies: loaded.policies };
}

function ownFiles({ policies, output }: SimulateOptions): string[] {
  return [...('files' in policies ? policies.files : []), ...(output === null ? [] : [output])];
}

function checkPrice(id: string | null, model: PriceModel | null, { prices }: RuleSet): Problem[] {
  if (id === null) return [];
  if (model === null) return [problem('option', '--price', 'no such price model', [...prices.keys()].join(', '))];
  const open = metersToFill(model).map((meter) => meter.id);
  if (open.length === 0) return [];
  return [problem('option', '--price', `no price for ${open.join(', ')}`, 'a model whose prices are filled in')];
}

async function simulateFiles(prepared: Prepared): Promise<{ files: ScannedFile[]; counts: SimulatedCounts }> {
  const { files, rules, simulator, policies } = prepared;
  const simulation = new PolicySimulation(makeAnalyser(rules), simulator, policies, samplingOf(policies));
  const now = Date.now();
  const read: ScannedFile[] = [];
  for (const file of files) {
    const documents = await readTraceFile(file);
    if ('problem' in documents) {
      read.push({ file, spans: 0, rejectedSpans: 0, problems: [documents.problem] });
      continue;
    }
    let [spans, rejectedSpans, more] = [0, 0, 0];
    const problems: string[] = [];
    for (const { bytes, format, line } of documents) {
      const result = simulation.add(bytes, format, now);
      spans += result.spans;
      rejectedSpans += result.rejected;
      for (const p of result.problems) {
        if (problems.length < MAX_PROBLEMS) problems.push(`${file}:${line}: ${formatProblem(p)}`);
        else more++;
      }
    }
    if (more > 0) problems.push(`${file}: ${plural(more, 'more problem')} like these`);
    read.push({ file, spans, rejectedSpans, problems });
  }
  return { files: read, counts: simulation.finish() };
}

/** Null without policies on sampling that a collector can carry out. */
function samplingOf(policies: readonly PolicyVersion[]): SamplingSimulation | null {
  const { unsupported } = POLICY_TARGETS['otel-collector'](policies);
  const able = policies.filter((version) => isSampling(version) && unsupported.every(({ id }) => id !== version.id));
  return able.length === 0 ? null : new SamplingSimulation(able, simulationTools());
}

/** Nothing outlives the run, so its keys do not either. */
function makeAnalyser({ detectors, conventions, sensitiveKeys }: RuleSet): Analyser {
  const key = randomBytes(32);
  return new Analyser({
    scanner: new Scanner(detectors, keyedFingerprint(key)),
    conventions: new ConventionRegistry(conventions),
    sensitiveKeys: new SensitiveKeys(sensitiveKeys),
    hash: new KeyedHash(key.subarray(0, 16)),
    seed: randomInt(2 ** 32),
    memoSlots: 1 << 16,
  });
}

/** The report, in which no text of a policy stands that a detector finds something in. */
function reportOf(
  { samplingRatio }: SimulateOptions,
  { policies, rules, price, unreadable }: Prepared,
  files: readonly ScannedFile[],
  counts: SimulatedCounts,
  version: string,
): SimulationReport {
  const clean = textCleaner(rules);
  const { unsupported } = POLICY_TARGETS['otel-collector'](policies);
  const reasons = new Map(unsupported.map(({ id, reason }) => [id, reason]));
  return {
    ...{ version, price, files: [...files, ...unreadable] },
    policies: policies.map(({ id, policy }) => ({
      ...{ id: clean(id), title: clean(policy.title), action: policy.action.kind },
      unsupported: reasons.get(id) ?? null,
    })),
    counts: {
      ...counts,
      effects: counts.effects.map((row) => ({ ...row, policy: clean(row.policy), service: clean(row.service) })),
    },
    conflicts: conflictsIn(policies, counts.attributes).map((conflict) => cleaned(conflict, clean)),
    saving: simulatedSaving(counts, price, samplingRatio),
  };
}

/** Keys count as known where the files have them. */
function conflictsIn(policies: readonly PolicyVersion[], attributes: readonly AttributeChange[]): PolicyConflict[] {
  const seen = new Set(
    attributes
      .filter(({ before }) => before.observations > 0)
      .map((row) => [row.service, row.location, row.key].join('\0')),
  );
  return findConflicts(policies, (...place) => seen.has(place.join('\0')));
}

export function cleaned(conflict: PolicyConflict, clean: (text: string) => string): PolicyConflict {
  const { policies, services, key, what, remedy } = conflict;
  return {
    ...conflict,
    ...{ policies: policies.map(clean), services: services.map(clean), key: clean(key) },
    ...{ what: clean(what), remedy: clean(remedy) },
  };
}

/** Policies are written by people, who may have put into them what they look for. */
export function textCleaner({ detectors }: Pick<RuleSet, 'detectors'>): (text: string) => string {
  const scanner = new Scanner(detectors, () => '');
  const known = new Map<string, string>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result =
        scanExample(scanner, { key: 'text', value: text, siblings: {} }).length > 0 ? '(hidden)' : printable(text);
      known.set(text, result);
    }
    return result;
  };
}
