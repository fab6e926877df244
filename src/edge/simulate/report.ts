import type { Saving } from '../../engine/cost/saving.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import type { SimulatedCounts } from '../../engine/model/simulation.js';
import type { PolicyConflict } from '../../engine/policy/conflicts.js';
import type { ScannedFile } from '../../flow/scan.js';

/** A policy that was simulated, in texts that passed the detectors. */
export interface SimulatedPolicy {
  readonly id: string;
  readonly title: string;
  readonly action: string;
  /** Why it did nothing; null where it could. */
  readonly unsupported: string | null;
}

export interface SimulationReport {
  readonly version: string;
  readonly files: readonly ScannedFile[];
  readonly policies: readonly SimulatedPolicy[];
  readonly counts: SimulatedCounts;
  readonly conflicts: readonly PolicyConflict[];
  /** Null where there is not enough evidence. */
  readonly saving: Saving | null;
  /** Null where no price was asked for. */
  readonly price: PriceModel | null;
}

/** Text of the output. */
export type SimulationFormat = (report: SimulationReport) => string;
