/** A naming rule as people read of it. */
export interface NamingRule {
  readonly id: string;
  readonly name: string;
  readonly remedy: string;
  readonly reference: string;
}

const SEMCONV = 'https://opentelemetry.io/docs/specs/semconv/general/naming/';
const SPAN_NAMES = 'https://opentelemetry.io/docs/specs/otel/trace/api/#span';

/** The naming rules whose violations are findings. */
export const NAMING_RULES: readonly NamingRule[] = [
  {
    id: 'deprecated',
    name: 'Deprecated attribute',
    remedy: 'Update the instrumentation, or rename the attribute at the collector until then.',
    reference: 'https://opentelemetry.io/docs/specs/semconv/registry/attributes/',
  },
  {
    id: 'invalid_format',
    name: 'Attribute name of the wrong form',
    remedy: 'Use lower case, dots between namespaces and underscores between words.',
    reference: SEMCONV,
  },
  {
    id: 'illegal_namespace',
    name: 'Attribute in a reserved namespace',
    remedy: 'Use a namespace of your own, such as your reversed domain.',
    reference: SEMCONV,
  },
  {
    id: 'span_name_not_general',
    name: 'Span name that holds an id',
    remedy: 'Put the id in an attribute and a placeholder in the name.',
    reference: SPAN_NAMES,
  },
  {
    id: 'span_name_empty',
    name: 'Span without a name',
    remedy: 'Name the operation, such as `{http.request.method} {http.route}`.',
    reference: SPAN_NAMES,
  },
  {
    id: 'span_name_only_id',
    name: 'Span name that is an id and nothing else',
    remedy: 'Name the operation, and put the id in an attribute.',
    reference: SPAN_NAMES,
  },
  {
    id: 'span_name_query',
    name: 'Span name that holds the query of a URL',
    remedy: 'Name the span after the route; the query belongs into `url.query`.',
    reference: 'https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name',
  },
  {
    id: 'span_name_sql',
    name: 'Span name that is the text of a statement',
    remedy: 'Name the span by `db.query.summary`; the text belongs into `db.query.text`.',
    reference: 'https://opentelemetry.io/docs/specs/semconv/db/database-spans/#name',
  },
];
