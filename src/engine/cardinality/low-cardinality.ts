/** Attributes of which the semantic conventions (1.45) say in their notes that their cardinality is low, or should be. */
const LOW = new Set([
  'http.route',
  'error.type',
  'url.template',
  'db.query.summary',
  'messaging.destination.template',
  'messaging.operation.type',
  'otel.component.name',
  'gen_ai.evaluation.score.label',
]);

export function isLowCardinality(key: string): boolean {
  return LOW.has(key);
}
