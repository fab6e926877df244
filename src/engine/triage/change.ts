import type { FindingAction, FindingChange, FindingState, Resolution } from '../model/finding-state.js';
import { type Problem, problem } from '../problem.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Spans that are under way while somebody resolves a finding do not open it again. */
const GRACE = 15 * MINUTE;
const MAX_EXPIRY_DAYS = 366;
/** After these a finding stays resolved, however often it is seen. */
const FOR_GOOD: ReadonlySet<Resolution> = new Set(['false_positive', 'used_in_tests']);

/**
 * What must hold between the fields of a change, beyond what each may be by itself.
 *
 * @param where the part of the request that the fields are in
 * @param now milliseconds since the epoch
 */
export function checkChange(change: FindingChange, where: string, now: number): Problem[] {
  const { state, resolution, expires, comment } = change;
  const problems: Problem[] = [];
  const tell = (field: string, what: string, allowed: string): void => {
    problems.push(problem('invalid', `${where}.${field}`, what, allowed));
  };
  if (state === undefined && comment === undefined) {
    tell('state', 'missing, and there is no comment either', 'a state, a comment, or both');
  }
  if (state === 'resolved' && resolution === undefined) tell('resolution', 'missing', 'given with the state resolved');
  if (state !== 'resolved' && resolution !== undefined) tell('resolution', 'given', 'only with the state resolved');
  if (resolution === 'wont_fix' && expires === undefined) tell('expires', 'missing', 'given with wont_fix');
  if (resolution !== 'wont_fix' && expires !== undefined) tell('expires', 'given', 'only with wont_fix');
  if (expires !== undefined && !(expires > now && expires <= now + MAX_EXPIRY_DAYS * DAY)) {
    tell('expires', 'not a time of the coming year', `after now, by at most ${MAX_EXPIRY_DAYS} days`);
  }
  return problems;
}

/**
 * The span time after which a match opens a resolved finding again, in milliseconds since the epoch; null where none
 * does. A service whose clock is ahead has spans from after the resolution already: they do not count against it.
 */
export function reopenAfter(
  resolution: Resolution,
  expires: number | undefined,
  resolvedAt: number,
  lastSeen: number,
  isProved = false,
): number | null {
  if (FOR_GOOD.has(resolution)) return null;
  return expires ?? Math.max(resolvedAt, lastSeen) + (isProved ? 0 : GRACE);
}

/** What of a finding a change depends on; times in milliseconds since the epoch. */
export interface Standing {
  readonly state: FindingState;
  readonly resolution: Resolution | null;
  readonly expiresAt: number | null;
  readonly lastSeen: number;
}

/** What a change makes of a finding. */
export interface Decision {
  readonly action: FindingAction;
  readonly state: FindingState;
  readonly resolution: Resolution | null;
  readonly resolvedAt: number | null;
  readonly expiresAt: number | null;
  readonly reopenAfter: number | null;
}

/** Whether the change says what is so already. */
function changesNothing({ state, resolution, expiresAt }: Standing, change: FindingChange): boolean {
  if (change.state === undefined) return true;
  if (change.state !== state) return false;
  return state !== 'resolved' || (change.resolution === resolution && (change.expires ?? null) === expiresAt);
}

/**
 * The decision in a change that `checkChange` found nothing wrong with.
 *
 * @returns null where the state stays as it is; a comment may still be given
 */
export function decide(finding: Standing, change: FindingChange, now: number): Decision | null {
  const { state, resolution, expires } = change;
  if (state === undefined || changesNothing(finding, change)) return null;
  if (state === 'resolved' && resolution !== undefined) {
    const reopen = reopenAfter(resolution, expires, now, finding.lastSeen, change.isProved);
    return {
      ...{ action: 'resolved', state, resolution },
      ...{ resolvedAt: now, expiresAt: expires ?? null, reopenAfter: reopen },
    };
  }
  const action = state === 'acknowledged' ? state : 'reopened';
  return { action, state, resolution: null, resolvedAt: null, expiresAt: null, reopenAfter: null };
}
