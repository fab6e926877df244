/** A part of a value with a name of its own, in UTF-16 code units of the text. */
export interface Part {
  readonly start: number;
  readonly end: number;
  /** `query.token`, `$.user.email`, `literal`, … */
  readonly component: string;
  /** Code, such as the keywords of a query or the frames of a stack trace: nothing in it is a leak. */
  readonly quiet: boolean;
}

/** The parts of a text in its order, without overlaps; what is between them belongs to none. */
export type Structure = (text: string) => readonly Part[];

export function part(start: number, end: number, component: string, quiet = false): Part {
  return { start, end, component, quiet };
}
