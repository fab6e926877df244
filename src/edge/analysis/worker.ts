import { createHash, randomInt } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { WIRE_FORMATS } from '../../engine/decode/formats.js';
import { Scanner } from '../../engine/detect/scanner.js';
import { SensitiveKeys } from '../../engine/detect/sensitive-keys.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import { problem } from '../../engine/problem.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import { Analyser } from '../../flow/analyse.js';
import type { AnalysisResult } from '../../flow/ports.js';
import { Keyring } from '../auth/keyring.js';
import { loadRules } from '../files/rule-files.js';
import { patternCompiler } from '../regex/index.js';
import { PatternMeter } from '../regex/metered.js';
import { readCustomDetectors } from '../rules/custom-detectors.js';
import type { TenantRules } from '../rules/tenant-rules.js';
import {
  type AnalyseMessage,
  packRollup,
  type RulesMessage,
  type SwitchedOffMessage,
  type WorkerSetup,
} from './messages.js';

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
}

parentPort?.on('message', (message: AnalyseMessage | RulesMessage) => {
  if ('rules' in message) {
    takeRules(message.rules);
    return;
  }
  const start = performance.now();
  const result = analyse(message);
  const took = performance.now() - start;
  for (const { meter } of analysers.values()) meter?.analysed(took);
  parentPort?.postMessage({ number: message.number, result }, movable(result));
});

function analyse({ tenant, body, encoding, format, receivedAt }: AnalyseMessage): AnalysisResult {
  const inflated = encoding === 'gzip' ? inflate(body) : body;
  if (!(inflated instanceof Uint8Array)) return inflated;
  const batchId = createHash('sha256').update(tenant).update('\0').update(inflated).digest('hex');
  const analysis = analyserOf(tenant).analyse(inflated, format, receivedAt);
  if (analysis.refused !== null) return { refused: 'malformed', problem: analysis.refused };
  const { accepted, rejected, warnings, day, rollup, facts } = analysis;
  const result = { batchId, day, accepted, rejected, problems: analysis.problems, warnings, bytes: inflated.length };
  return { refused: null, ...result, rollup: packRollup(rollup), facts };
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
  let known = analysers.get(tenant);
  if (known === undefined) {
    known = { analyser: makeAnalyser(tenant, []), made: '', meter: null };
    analysers.set(tenant, known);
  }
  return known.analyser;
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
    analysers.set(tenant, { analyser: makeAnalyser(tenant, custom), made, meter: used });
  }
  analysers.get(tenant)?.analyser.exclude(exclusions);
}

function makeAnalyser(tenant: string, custom: readonly Detector[]): Analyser {
  const detectors = [...rules.detectors, ...custom];
  return new Analyser({
    scanner: new Scanner(detectors, keyring.fingerprint(tenant)),
    conventions: new ConventionRegistry(rules.conventions),
    sensitiveKeys: new SensitiveKeys(rules.sensitiveKeys),
    hash: keyring.sketchHash(tenant),
    seed: randomInt(2 ** 32),
    ...(setup.ownerKeys !== undefined && { ownerKeys: setup.ownerKeys }),
  });
}

// The first request should not wait for the compilation of patterns.
analyserOf('default').analyse(new Uint8Array(0), Object.keys(WIRE_FORMATS)[0] as keyof typeof WIRE_FORMATS, 0);
parentPort?.postMessage({ number: 0 });
