/** Types of attribute values as semantic conventions name them (Weaver, schemas/semconv-syntax.md). */
export const CONVENTION_TYPES = [
  'string',
  'int',
  'double',
  'boolean',
  'string[]',
  'int[]',
  'double[]',
  'boolean[]',
  'any',
] as const;
export type ConventionType = (typeof CONVENTION_TYPES)[number];

export const STABILITIES = ['stable', 'release_candidate', 'beta', 'alpha', 'development'] as const;
export type Stability = (typeof STABILITIES)[number];

/**
 * Why a name is out of use. `renamed` has exactly one successor that means the same; `moved` lives on in another
 * registry and is no deprecation; `obsoleted` has no successor, or was split; `uncategorized` has a note for people.
 */
export const DEPRECATION_REASONS = ['renamed', 'moved', 'obsoleted', 'uncategorized'] as const;
export interface Deprecation {
  readonly reason: (typeof DEPRECATION_REASONS)[number];
  readonly renamedTo?: string;
  readonly splitInto?: readonly string[];
  /** Names that the note for people mentions. */
  readonly see?: readonly string[];
}

/** Where an attribute belongs: with what sends spans, with each span, or with either. */
export type ConventionLevel = 'resource' | 'span' | 'either';

/** `annotations.governance` of a company's registry: what its owners expect of the values. */
export interface Governance {
  readonly cardinality?: (typeof CARDINALITIES)[number];
  /** Most distinct values. */
  readonly budget?: number;
  readonly pii?: (typeof PII_CLASSES)[number];
}
export const CARDINALITIES = ['constant', 'enum', 'bounded', 'unbounded'] as const;
export const PII_CLASSES = ['none', 'personal', 'sensitive', 'secret'] as const;

/** What a naming convention says of one attribute key; what it does not say is absent. */
export interface ConventionAttribute {
  readonly type?: ConventionType;
  readonly stability?: Stability;
  /** One line of what the attribute means. */
  readonly brief?: string;
  readonly level?: ConventionLevel;
  /** Values of an enum, as text; enums are open, so others are allowed. */
  readonly values?: readonly string[];
  /** Those of `values` that are out of use. */
  readonly deprecatedValues?: readonly string[];
  readonly deprecated?: Deprecation;
  /** Other names for the same thing. */
  readonly aliases?: readonly string[];
  /** Whether @sentry/conventions wants values scrubbed without being asked. */
  readonly scrubbing?: 'auto' | 'never';
  readonly isInOtel?: boolean;
  readonly governance?: Governance;
}

/**
 * Who speaks: `standard` for everybody, `vendor` for those who send to it (its deprecations are advice), `company` for
 * its own services.
 */
export type RegistryKind = 'standard' | 'vendor' | 'company';

/** A registry as `rules/conventions/*.json` states it; keys that end in `.*` are templates. */
export interface ConventionDocument {
  readonly name: string;
  readonly version: string;
  readonly kind: RegistryKind;
  readonly attributes: Readonly<Record<string, ConventionAttribute>>;
  /** Of keys that the registry refers to and does not define. */
  readonly governance?: Readonly<Record<string, Governance>>;
}
