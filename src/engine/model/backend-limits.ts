/** Limits that a backend or SDK has, by what they limit; text is counted in characters unless it says bytes. */
export const BACKEND_LIMITS = [
  'span_name_length',
  'attribute_key_bytes',
  'attribute_key_length',
  'attribute_value_bytes',
  'attribute_value_length',
  'attributes_per_span',
  'spans_per_trace',
  'attribute_sets_per_metric',
] as const;
export type BackendLimit = (typeof BACKEND_LIMITS)[number];

/** `rules/backends/<id>.yaml`. */
export interface Backend {
  readonly id: string;
  readonly name: string;
  /** Day of the figures, YYYY-MM-DD. */
  readonly asOf: string;
  /** Whether the figures were checked against the source since. */
  readonly confirmed: boolean;
  readonly source: string;
  readonly limits: Readonly<Partial<Record<BackendLimit, number>>>;
  readonly notes: string;
}
