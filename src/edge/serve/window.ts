import { problem } from '../../engine/problem.js';
import type { Window } from '../../flow/ports.js';
import { ApiError } from './problems.js';

const DAY = 24 * 60 * 60_000;
const DEFAULT_DAYS = 7;
const MAX_DAYS = 400;

/** The window of a request: what it asks for, or the last seven days up to now. */
export function windowOf(from: string | undefined, to: string | undefined): Window {
  const end = to === undefined ? new Date() : new Date(to);
  const start = from === undefined ? new Date(end.getTime() - DEFAULT_DAYS * DAY) : new Date(from);
  const length = end.getTime() - start.getTime();
  if (length > 0 && length <= MAX_DAYS * DAY) return { from: start, to: end };
  const problems = [
    problem('invalid', 'from', 'not a window that can be asked for', `before \`to\`, by at most ${MAX_DAYS} days`),
  ];
  throw new ApiError(400, 'invalid-request', 'the request has fields that are not valid', problems);
}

export function periodOf(window: Window): { start: string; end: string } {
  return { start: window.from.toISOString(), end: window.to.toISOString() };
}
