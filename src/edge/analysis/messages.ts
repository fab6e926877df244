import type { Rollup } from '../../engine/model/rollup.js';
import { Sketch } from '../../engine/model/sketch.js';
import type { AnalysisResult, ReceivedRequest } from '../../flow/ports.js';
import type { SwitchedOffEvent, TenantRules } from '../rules/tenant-rules.js';
import type { CollectedSimulation, SimulationPlan } from './simulation-plan.js';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly rulesDir: string;
  /** Folder of a company's registry of conventions. */
  readonly conventionsDir?: string | null;
  readonly masterKey: Uint8Array;
  readonly maxRequestBytes: number;
  /** Of the thread's time that simulations may take; 5 without it. */
  readonly simulationPercent?: number;
  /** Resource keys that name a team. */
  readonly ownerKeys?: readonly string[];
}

/** One request for a worker; the body's memory moves over with it. */
export interface AnalyseMessage extends ReceivedRequest {
  readonly number: number;
}

/** The answer to the message of the same number. */
export interface ResultMessage {
  readonly number: number;
  readonly result: AnalysisResult;
}

/** To a thread: what a tenant's rules are from the next request on. */
export interface RulesMessage {
  readonly rules: TenantRules;
}

/** To a thread: what is simulated from the next request on. */
export interface PlansMessage {
  readonly plans: readonly SimulationPlan[];
}

/** To a thread: say what was done for simulations, after all requests before. */
export interface CollectMessage {
  readonly collect: number;
}

/** The answer to it. */
export interface CollectedMessage {
  readonly collected: readonly CollectedSimulation[];
  readonly to: number;
}

/** From a thread: a detector took too long. */
export interface SwitchedOffMessage {
  readonly switchedOff: SwitchedOffEvent;
}

/** Sketches have methods, which do not survive the way between threads; their bytes do. */
export function packRollup(rollup: Rollup): Rollup {
  return {
    ...rollup,
    attributes: rollup.attributes.map((row) => ({ ...row, values: pack(row.values) })),
    spanNames: rollup.spanNames.map((row) => ({ ...row, names: pack(row.names) })),
  };
}

export function unpackRollup(rollup: Rollup): Rollup {
  return {
    ...rollup,
    attributes: rollup.attributes.map((row) => ({ ...row, values: unpack(row.values) })),
    spanNames: rollup.spanNames.map((row) => ({ ...row, names: unpack(row.names) })),
  };
}

function pack(sketch: Sketch): Sketch {
  return sketch.toBytes() as unknown as Sketch;
}

function unpack(bytes: Sketch): Sketch {
  return Sketch.fromBytes(bytes as unknown as Uint8Array);
}
