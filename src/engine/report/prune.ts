import type { PruneCandidate } from '../model/report.js';

/** An attribute of a service in a month, with what the naming rules say of it. */
export interface PruneInput {
  readonly service: string;
  readonly location: string;
  readonly key: string;
  readonly observations: number;
  readonly bytes: number;
  readonly distinct: number;
  /** Relative. */
  readonly standardError: number;
  /** Its successor is sent as well. */
  readonly isTwin: boolean;
}

/** Fewer observations say nothing of how many values there are. */
const LEAST_OBSERVATIONS = 1_000;
const NEARLY_ALL = 0.9;

/** Attributes that could go, with the reason; those that nothing speaks against are left out. */
export function pruneList(
  attributes: readonly PruneInput[],
  perByte: number,
  marginalPerByte: number,
): PruneCandidate[] {
  return attributes.flatMap((attribute) => {
    const reason = reasonOf(attribute);
    if (reason === null) return [];
    const { service, location, key, bytes } = attribute;
    return [{ service, location, key, reason, bytes, cost: bytes * perByte, saving: bytes * marginalPerByte }];
  });
}

function reasonOf({ isTwin, observations, distinct, standardError }: PruneInput): string | null {
  if (isTwin) return 'the name that replaced it is sent as well';
  if (observations < LEAST_OBSERVATIONS) return null;
  if (distinct === 1) return 'always the same value: once in the resource would do';
  // Certain beyond the error of the sketch.
  if (distinct * (1 - 2 * standardError) > NEARLY_ALL * observations)
    return 'another value in nearly every span: nobody can group by it';
  return null;
}
