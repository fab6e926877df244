/**
 * The one shape of an error: bad input is a value, and all problems of an input are reported at once.
 * A problem names places and limits, never the offending value.
 */
export interface Problem {
  /** Stable, machine-readable, kebab-case. */
  readonly code: string;
  /** Where: file, request part, environment variable, field path. */
  readonly where: string;
  /** What is wrong there. */
  readonly what: string;
  /** What is allowed instead. */
  readonly allowed: string;
}

export function problem(code: string, where: string, what: string, allowed: string): Problem {
  return { code, where, what, allowed };
}

/** `where: what is wrong; what is allowed` */
export function formatProblem(p: Problem): string {
  return `${p.where}: ${p.what}; ${p.allowed}`;
}
