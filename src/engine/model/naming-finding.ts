/** Worst first, as in Weaver. */
export const NAMING_LEVELS = ['violation', 'improvement', 'information'] as const;
export type NamingLevel = (typeof NAMING_LEVELS)[number];

/** A finding on a name, in the form of Weaver's live check: the context holds all that is variable in the message. */
export interface NamingFinding {
  readonly id: string;
  readonly level: NamingLevel;
  readonly message: string;
  readonly context: Readonly<Record<string, string>>;
}
