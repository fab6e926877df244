import type { NamingLevel } from '../model/naming-finding.js';

/** A naming rule as people read of it. */
export interface NamingRule {
  readonly id: string;
  readonly name: string;
  /** The level of its findings; some are lower, none is higher. */
  readonly level: NamingLevel;
  readonly remedy: string;
  readonly reference: string;
}

const NAMING = 'https://opentelemetry.io/docs/specs/semconv/general/naming/';
const SPAN_NAMES = 'https://opentelemetry.io/docs/specs/otel/trace/api/#span';
const REGISTRY = 'https://opentelemetry.io/docs/specs/semconv/registry/attributes/';
const WEAVER = 'https://github.com/open-telemetry/weaver/blob/main/crates/weaver_live_check/README.md';

/** All naming rules, the worst first. Those of Weaver's live check have its ids. */
export const NAMING_RULES: readonly NamingRule[] = [
  {
    id: 'deprecated',
    name: 'Deprecated attribute',
    level: 'violation',
    remedy: 'Update the instrumentation, or rename the attribute at the collector until then.',
    reference: REGISTRY,
  },
  {
    id: 'invalid_format',
    name: 'Attribute name of the wrong form',
    level: 'violation',
    remedy: 'Use lower case, dots between namespaces and underscores between words.',
    reference: NAMING,
  },
  {
    id: 'illegal_namespace',
    name: 'Attribute in a namespace that cannot be its own',
    level: 'violation',
    remedy: 'Use a namespace of your own, such as your reversed domain, and no name that is a namespace of others.',
    reference: NAMING,
  },
  {
    id: 'type_mismatch',
    name: 'Values of another type than the registry says',
    level: 'violation',
    remedy: 'Set the attribute with a value of the type that the registry states.',
    reference: WEAVER,
  },
  {
    id: 'missing_attribute',
    name: 'Attribute that is in no registry',
    level: 'violation',
    remedy: 'Add it to your registry, or use the name that a registry has for it.',
    reference: WEAVER,
  },
  {
    id: 'span_name_not_general',
    name: 'Span name that holds an id',
    level: 'violation',
    remedy: 'Put the id in an attribute and a placeholder in the name.',
    reference: SPAN_NAMES,
  },
  {
    id: 'span_name_empty',
    name: 'Span without a name',
    level: 'violation',
    remedy: 'Name the operation, such as `{http.request.method} {http.route}`.',
    reference: SPAN_NAMES,
  },
  {
    id: 'span_name_only_id',
    name: 'Span name that is an id and nothing else',
    level: 'violation',
    remedy: 'Name the operation, and put the id in an attribute.',
    reference: SPAN_NAMES,
  },
  {
    id: 'span_name_query',
    name: 'Span name that holds the query of a URL',
    level: 'violation',
    remedy: 'Name the span after the route; the query belongs into `url.query`.',
    reference: 'https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name',
  },
  {
    id: 'span_name_sql',
    name: 'Span name that is the text of a statement',
    level: 'violation',
    remedy: 'Name the span by `db.query.summary`; the text belongs into `db.query.text`.',
    reference: 'https://opentelemetry.io/docs/specs/semconv/db/database-spans/#name',
  },
  {
    id: 'both_sent',
    name: 'Deprecated attribute sent beside its successor',
    level: 'improvement',
    remedy: 'End the migration: move what reads the old name to the new one, and stop sending the old one.',
    reference: 'https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/',
  },
  {
    id: 'near_miss',
    name: 'Unknown attribute that looks like a known one',
    level: 'improvement',
    remedy: 'Use the known name where the same thing is meant.',
    reference: REGISTRY,
  },
  {
    id: 'inconsistent_spelling',
    name: 'One name spelled in several ways',
    level: 'improvement',
    remedy: 'Agree on one spelling in all services.',
    reference: NAMING,
  },
  {
    id: 'wrong_level',
    name: 'Attribute of a resource on a span, or the other way round',
    level: 'improvement',
    remedy: 'Set what describes the sender once on its resource, and what describes an operation on its span.',
    reference: 'https://github.com/instrumentation-score/spec/blob/main/rules/RES-004.md',
  },
  {
    id: 'missing_namespace',
    name: 'Attribute without a namespace',
    level: 'improvement',
    remedy: 'Put a namespace before the name, so that it cannot clash.',
    reference: NAMING,
  },
  {
    id: 'plural_not_array',
    name: 'Plural name for a single value',
    level: 'improvement',
    remedy: 'Use the singular, or send a list.',
    reference: NAMING,
  },
  {
    id: 'mixed_units',
    name: 'One quantity in several units',
    level: 'improvement',
    remedy: 'Use one unit in all services, seconds and bytes where nothing else is agreed.',
    reference: NAMING,
  },
  {
    id: 'not_stable',
    name: 'Attribute that is not stable yet',
    level: 'improvement',
    remedy: 'Expect the name to change; pin the version of the instrumentation.',
    reference: REGISTRY,
  },
  {
    id: 'undefined_enum_variant',
    name: 'Value that the enum does not list',
    level: 'information',
    remedy: 'Use a listed value where one means the same; enums are open otherwise.',
    reference: WEAVER,
  },
  {
    id: 'extends_namespace',
    name: 'Attribute in a namespace of somebody else',
    level: 'information',
    remedy: 'Use a namespace of your own, such as your reversed domain.',
    reference: NAMING,
  },
  {
    id: 'template_attribute',
    name: 'Attribute of a template',
    level: 'information',
    remedy: 'Nothing to do; the rest of the name is free.',
    reference: WEAVER,
  },
  {
    id: 'array_not_plural',
    name: 'Singular name for a list',
    level: 'information',
    remedy: 'Use the plural.',
    reference: NAMING,
  },
  {
    id: 'unit_in_name',
    name: 'Unit in the name',
    level: 'information',
    remedy: 'State the unit in your registry, and use one for all.',
    reference: NAMING,
  },
];

export const NAMING_RULE_IDS: readonly string[] = NAMING_RULES.map(({ id }) => id);
