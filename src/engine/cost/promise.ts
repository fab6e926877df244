import { utf8Length } from '../encoding.js';
import type { PolicyAction } from '../model/policy.js';
import type { PromiseMethod } from '../model/saving.js';
import type { Simulation } from '../model/simulation.js';
import { type Ratio, type RatioSums, ratioOf } from './realised.js';

/** A service in the time before a policy was in force. */
export interface ServiceBaseline {
  readonly service: string;
  /** Of what the policy changes to what it is measured by: bytes a span, or sent bytes to those they stand for. */
  readonly ratio: Ratio;
  /** As they were received. */
  readonly spans: number;
  /** Hours, or days, that the ratio is of. */
  readonly steps: number;
  /** Bytes of what the policy changes, and all bytes of the service. */
  readonly place: number;
  readonly bytes: number;
  /** The part of `place` that is to go, below 0 where it grows; null where the policy promises nothing. */
  readonly part: number | null;
}

/** What a policy was expected to save when it was approved, and what it is measured against. Names and counts, no value. */
export interface SavingPromise {
  readonly method: PromiseMethod;
  readonly location: string;
  readonly key: string;
  /** The time that the baseline is of, ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly services: readonly ServiceBaseline[];
}

/** What was counted of a policy's place in a service. */
export interface PlaceSums extends RatioSums {
  readonly service: string;
  /** All bytes of the service. */
  readonly bytes: number;
  readonly spans: number;
  /** Spans that do not say what they stand for. */
  readonly unweighed: number;
  /** Of the key itself; of a policy that renames, `y` has the new name as well. */
  readonly keyBytes: number;
  readonly keyObservations: number;
}

/** Bytes of an attribute besides its key and its text, in a span, where both are shorter than 128 bytes. */
const FRAME = 8;
/** SHA-256 in hexadecimal. */
const HASH_LENGTH = 64;

/** The promise of a policy that was approved, from what was counted before; a simulation of its version counts first. */
export function promiseOf(
  { action, key, location }: { readonly action: PolicyAction; readonly key: string; readonly location: string },
  sums: readonly PlaceSums[],
  window: { readonly from: Date; readonly to: Date },
  simulation: Simulation | null,
): SavingPromise {
  const services = sums.map((row): ServiceBaseline => {
    const simulated = simulation === null ? null : simulatedPart(simulation, action, row.service, location, key);
    const part = simulation === null ? partOf(action, key, row) : simulated;
    const { service, spans, steps, y: place, bytes } = row;
    return { service, ratio: ratioOf(row), spans, steps, place, bytes, part };
  });
  const isPromised = services.some(({ part }) => part !== null);
  const method = !isPromised ? 'none' : simulation === null ? 'estimate' : 'simulation';
  return { method, location, key, from: window.from.toISOString(), to: window.to.toISOString(), services };
}

/** What is promised, of all that the services sent; null where nothing is. */
export function promisedShare({ services }: SavingPromise): number | null {
  const known = services.filter(({ part }) => part !== null);
  const bytes = services.reduce((sum, row) => sum + row.bytes, 0);
  if (known.length === 0 || bytes === 0) return null;
  return known.reduce((sum, row) => sum + row.place * row.part!, 0) / bytes;
}

/** By the form of the policy alone: what a mask or a cut leaves of a text depends on the text. */
function partOf(action: PolicyAction, key: string, row: PlaceSums): number | null {
  if (row.y === 0) return null;
  switch (action.kind) {
    case 'delete':
      return 1;
    case 'rename': {
      // Where the new name is there already, the old one is gone without another in its place.
      const isTwin = row.y > row.keyBytes;
      const longer = row.keyObservations * (utf8Length(action.to) - utf8Length(key));
      return isTwin ? row.keyBytes / row.y : -longer / row.y;
    }
    case 'hash':
      return 1 - (row.keyObservations * (utf8Length(key) + HASH_LENGTH + FRAME)) / row.y;
    default:
      return null;
  }
}

function simulatedPart(
  { counts }: Simulation,
  { kind }: PolicyAction,
  service: string,
  location: string,
  key: string,
): number | null {
  const part = (before: number, after: number): number | null => (before === 0 ? null : 1 - after / before);
  if (kind === 'sample') {
    const change = counts.services.find((row) => row.service === service);
    return change === undefined ? null : part(change.before.bytes, change.after.bytes);
  }
  const change = counts.attributes.find(
    (row) => row.service === service && row.location === location && row.key === key,
  );
  return change === undefined ? null : part(change.before.bytes, change.after.bytes);
}
