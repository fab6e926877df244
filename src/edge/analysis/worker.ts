import { createHash, randomInt } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { WIRE_FORMATS } from '../../engine/decode/formats.js';
import { Scanner } from '../../engine/detect/scanner.js';
import { SensitiveKeys } from '../../engine/detect/sensitive-keys.js';
import { PLAIN_SOURCE } from '../../engine/model/evidence.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import { problem } from '../../engine/problem.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import { Analyser, type AnalyserOptions } from '../../flow/analyse.js';
import type { AnalysisResult } from '../../flow/ports.js';
import { Keyring } from '../auth/keyring.js';
import { loadRules } from '../files/rule-files.js';
import { patternCompiler } from '../regex/index.js';
import { PatternMeter } from '../regex/metered.js';
import { readCustomDetectors } from '../rules/custom-detectors.js';
import type { TenantRules } from '../rules/tenant-rules.js';
import {
  type AnalyseMessage,
  type CollectedMessage,
  type CollectMessage,
  type PlansMessage,
  packRollup,
  type RulesMessage,
  type SwitchedOffMessage,
  type WorkerSetup,
} from './messages.js';
import { type LookedRequest, Shadow } from './shadow.js';
import { TimeShare } from './time-share.js';

/*
 * A thread that analyses requests: inflate, identify, analyse. Raw spans live in its memory for the time of one call.
 */
const setup = workerData as WorkerSetup;
const { compiler } = patternCompiler();
const { rules, problems } = loadRules(setup.rulesDir, compiler, setup.conventionsDir);
if (problems.length > 0) throw new Error(`${problems.length} problems in the rule files`);
const keyring = new Keyring(setup.masterKey);
const analysers = new Map<string, TenantAnalyser>();

/** The analyser of a tenant, and what it was made of. */
interface TenantAnalyser {
  readonly analyser: Analyser;
  /** Tells detectors apart from other ones: their version, and which of them are switched off. */
  readonly made: string;
  readonly meter: PatternMeter | null;
  /** What it was made with, which another one can share. */
  readonly options: AnalyserOptions;
  exclusions: TenantRules['exclusions'];
}

/** What simulations need to remember is little. */
const SHADOW_MEMO_SLOTS = 1 << 14;
const shadow = new Shadow(
  (tenant) => {
    const { options, exclusions } = knownAnalyser(tenant);
    return new Analyser({ ...options, exclusions, memoSlots: SHADOW_MEMO_SLOTS });
  },
  new TimeShare((setup.simulationPercent ?? 5) / 100),
);

parentPort?.on('message', (message: AnalyseMessage | RulesMessage | PlansMessage | CollectMessage) => {
  if ('rules' in message) takeRules(message.rules);
  else if ('plans' in message) shadow.set(message.plans);
  else if ('collect' in message) {
    const answer: CollectedMessage = { collected: shadow.collect(), to: message.collect };
    parentPort?.postMessage(answer);
  } else answer(message);
});

/** Analyses and answers; only then, if anything is simulated, the request is looked at for that. */
function answer(message: AnalyseMessage): void {
  const start = performance.now();
  const inflated = message.encoding === 'gzip' ? inflate(message.body) : message.body;
  const result = inflated instanceof Uint8Array ? analyse(message, inflated) : inflated;
  tellMeters(start);
  parentPort?.postMessage({ number: message.number, result }, movable(result));
  if (shadow.isIdle || result.refused !== null || !(inflated instanceof Uint8Array)) return;
  // A second copy would be simulated twice.
  if (message.source?.isCounted === false) return;
  const { tenant, format, receivedAt } = message;
  const again = performance.now();
  shadow.look({ tenant, bytes: inflated, format, receivedAt } satisfies LookedRequest, result.rollup.usage);
  tellMeters(again);
}

function tellMeters(start: number): void {
  const took = performance.now() - start;
  for (const { meter } of analysers.values()) meter?.analysed(took);
}

function analyse(
  { tenant, format, receivedAt, source = PLAIN_SOURCE }: AnalyseMessage,
  inflated: Uint8Array,
): AnalysisResult {
  // A second copy of spans may have the same bytes as the first. No body that can be read begins with a zero.
  const mark = source.isCounted ? '\0' : '\0\0';
  const batchId = createHash('sha256').update(tenant).update(mark).update(inflated).digest('hex');
  const analysis = analyserOf(tenant).analyse(inflated, format, receivedAt, source);
  if (analysis.refused !== null) return { refused: 'malformed', problem: analysis.refused };
  const { accepted, rejected, warnings, day, rollup, facts, evidence } = analysis;
  const result = { batchId, day, accepted, rejected, problems: analysis.problems, warnings, bytes: inflated.length };
  return { refused: null, ...result, rollup: packRollup(rollup), facts, evidence, source: analysis.source };
}

/** Memory that moves over with the answer. */
function movable(result: AnalysisResult): ArrayBuffer[] {
  return result.refused === null ? [result.facts.words.buffer, result.facts.numbers.buffer] : [];
}

function inflate(body: Uint8Array): Uint8Array | AnalysisResult {
  try {
    return gunzipSync(body, { maxOutputLength: setup.maxRequestBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const allowed = `at most ${setup.maxRequestBytes} bytes`;
      return { refused: 'too-large', problem: problem('too-large', 'body', 'too large after decompression', allowed) };
    }
    return {
      refused: 'malformed',
      problem: problem('malformed', 'body', 'not valid gzip data', 'gzip, or no encoding'),
    };
  }
}

function analyserOf(tenant: string): Analyser {
  return knownAnalyser(tenant).analyser;
}

function knownAnalyser(tenant: string): TenantAnalyser {
  let known = analysers.get(tenant);
  if (known === undefined) {
    known = { ...makeAnalyser(tenant, []), made: '', meter: null, exclusions: [] };
    analysers.set(tenant, known);
  }
  return known;
}

/** Other detectors take a new analyser, whose memo begins anew; other exclusions the one that there is can take. */
function takeRules({ tenant, version, document, switchedOff, exclusions }: TenantRules): void {
  const off = new Set(switchedOff.map(({ detector }) => detector));
  const made = version === 0 ? '' : [version, ...[...off].sort()].join(' ');
  if ((analysers.get(tenant)?.made ?? null) !== made) {
    const meter = new PatternMeter(compiler, (detector, reason) => {
      const event: SwitchedOffMessage = { switchedOff: { tenant, version, detector, reason } };
      parentPort?.postMessage(event);
    });
    const custom = readCustomDetectors(document, (id) => meter.compilerFor(id)).detectors.filter((d) => !off.has(d.id));
    const used = custom.length === 0 ? null : meter;
    analysers.set(tenant, { ...makeAnalyser(tenant, custom), made, meter: used, exclusions });
  }
  const known = analysers.get(tenant);
  if (known !== undefined) known.exclusions = exclusions;
  known?.analyser.exclude(exclusions);
  shadow.rulesChanged(tenant);
}

function makeAnalyser(tenant: string, custom: readonly Detector[]): Pick<TenantAnalyser, 'analyser' | 'options'> {
  const detectors = [...rules.detectors, ...custom];
  const options = {
    scanner: new Scanner(detectors, keyring.fingerprint(tenant)),
    conventions: new ConventionRegistry(rules.conventions),
    sensitiveKeys: new SensitiveKeys(rules.sensitiveKeys),
    hash: keyring.sketchHash(tenant),
    seed: randomInt(2 ** 32),
    canaries: keyring.canaries(tenant),
    ...(setup.ownerKeys !== undefined && { ownerKeys: setup.ownerKeys }),
  };
  return { analyser: new Analyser(options), options };
}

// The first request should not wait for the compilation of patterns.
analyserOf('default').analyse(new Uint8Array(0), Object.keys(WIRE_FORMATS)[0] as keyof typeof WIRE_FORMATS, 0);
parentPort?.postMessage({ number: 0 });
