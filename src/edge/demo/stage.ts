export interface DemoOptions {
  /** How long customers visit the shop. */
  readonly seconds: number;
  /** Home folder of spanwarden, absolute. */
  readonly home: string;
  /** Whether a spanwarden that the demo started stays until Ctrl-C. */
  readonly keep: boolean;
  /** Whether a collector stands between the shop and spanwarden, and a policy goes all its way. */
  readonly withCollector?: boolean;
  /** One JSON document at the end instead of text; progress goes to standard error then. */
  readonly json: boolean;
  /** Takes the lines of the output. */
  say(line: string): void;
}

/** Takes what must be undone, in reverse order, however the demo ends. */
export type Undo = (what: () => Promise<void> | void) => void;

/** What every part of a run needs to know. */
export interface Stage {
  readonly options: DemoOptions;
  /** Aborts when the demo is interrupted. */
  readonly signal: AbortSignal;
  readonly undo: Undo;
  /** Takes a line about how it goes, which is no part of the result. */
  tell(line: string): void;
}
