import { z } from 'zod';
import { BUDGET_SOURCES } from '../../engine/cardinality/budget.js';
import { ATTRIBUTE_ACTIONS } from '../../engine/cardinality/suggestions.js';
import { FOCUS_PROFILES } from '../../engine/export/focus.js';
import { MAX_CODE_PLACES } from '../../engine/model/code-place.js';
import { CHANNELS, DELIVERY_STATES } from '../../engine/model/delivery.js';
import { CONFIDENCES, FINDING_KINDS, SEVERITIES } from '../../engine/model/finding.js';
import { FINDING_ACTIONS, FINDING_STATES, FINDING_SUBSTATES, RESOLUTIONS } from '../../engine/model/finding-state.js';
import { GROWTH_CLASSES } from '../../engine/model/growth.js';
import { LOCATIONS, VALUE_TYPES } from '../../engine/model/location.js';
import { NAMING_LEVELS } from '../../engine/model/naming-finding.js';
import { POLICY_STATES } from '../../engine/model/policy.js';
import { AUDIENCES, EDITIONS } from '../../engine/model/report.js';
import { SPAN_KINDS } from '../../engine/model/span-kind.js';
import { COMPLIANCE_GROUPS } from '../../engine/naming/compliance.js';
import { OVERRIDE_LEVELS } from '../../engine/naming/levels.js';
import { NAMING_RULE_IDS } from '../../engine/naming/rules.js';
import { SPAN_NAME_VERDICTS } from '../../engine/naming/span-name-verdict.js';
import { SCORE_CATEGORIES } from '../../engine/quality/instrumentation-score.js';
import { UNITS, VERDICTS } from '../../engine/quality/judgement.js';
import { REPORT_TABLES } from '../../engine/report/formats/csv.js';
import { COST_GROUPS } from '../../flow/costs.js';
import { QUALITY_GROUPS } from '../../flow/quality.js';

import { Proof, Rollout } from './contract/policies.js';
import {
  DropAction,
  KeepAction,
  KeyedHashAction,
  PolicyEvidence,
  PolicyNotes,
  PolicyProcessors,
} from './contract/policy-actions.js';
import { SampleAction } from './contract/sampling.js';

export * from './contract/access.js';
export * from './contract/audit.js';
export * from './contract/budgets.js';
export * from './contract/canaries.js';
export * from './contract/collectors.js';
export * from './contract/owners.js';
export * from './contract/policies.js';
export * from './contract/policy-actions.js';
export * from './contract/sampling.js';
export * from './contract/savings.js';
export * from './contract/simulations.js';

/*
 * What goes over the API, as schemas: requests are read with them, the OpenAPI document is made of them, and the pages
 * take their types from here.
 */

const id = z.uuid().meta({ description: 'Stable id' });
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const count = z.int().nonnegative();
const limit = z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Rows of a page' });
const cursor = z.string().max(512).optional().meta({ description: 'From `next_cursor` of the page before' });
const from = time.optional().meta({ description: 'Start of the window; seven days before its end by default' });
const to = time.optional().meta({ description: 'End of the window, exclusive; now by default' });
/** Text that PostgreSQL can hold. */
const text = z.string().refine((value) => !value.includes('\0'));
const name = text.max(300);

const page = <T extends z.ZodType>(row: T) => z.object({ data: z.array(row), next_cursor: z.string().nullable() });

export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ where: z.string(), code: z.string(), what: z.string(), allowed: z.string() })),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details; `errors` has every problem of the request' });
export type ProblemDocument = z.infer<typeof ProblemDocument>;

export const Finding = z
  .object({
    id,
    kind: z.enum(FINDING_KINDS),
    detector: z.object({ id: z.string(), name: z.string(), family: z.string() }),
    severity: z.enum(SEVERITIES).meta({ description: 'That of the detector, or one step below it; see the reason' }),
    detector_severity: z.enum(SEVERITIES),
    severity_reason: z.string(),
    confidence: z.enum(CONFIDENCES),
    state: z.enum(FINDING_STATES),
    substate: z.enum(FINDING_SUBSTATES).nullable().meta({ description: 'Null where the finding is resolved' }),
    resolution: z.enum(RESOLUTIONS).nullable(),
    resolved_at: time.nullable(),
    expires_at: time.nullable().meta({ description: 'When the finding opens again; only with `wont_fix`' }),
    version: count.meta({ description: 'Grows with each change; send it as If-Match to change exactly this version' }),
    service: z.string(),
    environment: z.string(),
    team: z.string(),
    location: z.enum(LOCATIONS),
    key: z.string().meta({ description: 'Attribute key; for span names the template of the name' }),
    component: z.string().meta({ description: 'Part of the value, such as a map key; empty for the whole' }),
    mask: z.string().meta({ description: 'The form of what was found, never the value' }),
    occurrences: count.meta({ description: 'In the spans that were received' }),
    estimated: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable().meta({
      description:
        'In all spans, with an interval of 95 %; null where it is not known how the spans were sampled, and at resources and scopes',
    }),
    first_seen: time,
    last_seen: time,
    remedy: z.string(),
    example: z.object({ trace_id: z.string(), span_id: z.string() }),
    code: z
      .array(z.object({ file: z.string(), line: z.int().nullable(), function: z.string() }))
      .max(MAX_CODE_PLACES)
      .meta({ description: 'Where in code it comes from, as far as its spans say so (`code.*`)' }),
  })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof Finding>;

export const FindingDetail = Finding.extend({
  references: z.array(z.string()),
  fingerprints: z.array(z.string()).meta({ description: 'Keyed fingerprints of values, at most ten; for exclusions' }),
  hours: z.array(z.object({ hour: time, occurrences: count })).meta({ description: 'The last 14 days by hour' }),
  policies: z.array(z.object({ id, version: count, state: z.enum(POLICY_STATES), title: z.string() })),
}).meta({ id: 'FindingDetail' });
export type FindingDetail = z.infer<typeof FindingDetail>;

export const FindingPage = page(Finding);
export type FindingPage = z.infer<typeof FindingPage>;

/** Orders of a list of findings, by name. */
export const FINDING_SORTS = ['-last_seen', 'severity', '-occurrences'] as const;

const findingFilter = {
  sort: z.enum(FINDING_SORTS).default('-last_seen').meta({ description: 'Latest, most severe or most frequent first' }),
  state: z
    .enum([...FINDING_STATES, 'unresolved'])
    .optional()
    .meta({ description: '`unresolved` is open or acknowledged; without it all' }),
  substate: z.enum(FINDING_SUBSTATES).optional(),
  resolution: z.enum(RESOLUTIONS).optional(),
  kind: z.enum(FINDING_KINDS).optional(),
  family: name.optional(),
  detector: name.optional(),
  severity: z.enum(SEVERITIES).optional(),
  confidence: z.enum(CONFIDENCES).optional(),
  service: name.optional(),
  environment: name.optional(),
  team: name.optional(),
  location: z.enum(LOCATIONS).optional(),
  key: name.optional(),
  q: text
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Part of the key or of the name of the detector, in any case' }),
  seen_after: time.optional().meta({ description: 'Seen last after this' }),
};
export const FindingQuery = z.strictObject({ limit, cursor, ...findingFilter });
export const FindingExportQuery = z.strictObject(findingFilter);
export const FindingSarifQuery = FindingExportQuery.extend({
  source_root: z.string().max(1_000).default('').meta({
    description: 'Leading part of files that is not in the repository, such as `/usr/src/app/`',
  }),
});

/** Most findings that one request may change. */
const MAX_BULK = 100;
const findingChange = {
  state: z.enum(FINDING_STATES).optional(),
  resolution: z.enum(RESOLUTIONS).optional().meta({ description: 'Given with the state `resolved`, and only then' }),
  expires: z
    .union([z.iso.date(), time])
    .optional()
    .meta({ description: 'Given with `wont_fix`, and only then: a time, or a day (UTC) that still counts' }),
  comment: text
    .trim()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Plain text. Refused where a detector finds something in it' }),
};
export const FindingChangeBody = z.strictObject({
  ...findingChange,
  version: z.int().positive().optional().meta({ description: 'The same as If-Match' }),
});
export const FindingBulkBody = z.strictObject({ ids: z.array(id).min(1).max(MAX_BULK), ...findingChange });

export const FindingBulkResult = z
  .object({
    data: z.array(
      z.object({ id, version: count, changed: z.boolean().meta({ description: 'False where it was so already' }) }),
    ),
  })
  .meta({ id: 'FindingBulkResult' });
export type FindingBulkResult = z.infer<typeof FindingBulkResult>;

export const FindingEvent = z
  .object({
    version: count.meta({ description: 'Of the finding, after the event' }),
    at: time,
    actor: z.string(),
    action: z.enum(FINDING_ACTIONS),
    state: z.enum(FINDING_STATES).meta({ description: 'After the event' }),
    resolution: z.enum(RESOLUTIONS).nullable(),
    expires_at: time.nullable(),
    comment: z.string(),
  })
  .meta({ id: 'FindingEvent' });
export type FindingEvent = z.infer<typeof FindingEvent>;
export const FindingEventPage = page(FindingEvent);
export type FindingEventPage = z.infer<typeof FindingEventPage>;
export const FindingEventQuery = z.strictObject({ limit, cursor });

const NamingFinding = z.object({
  id: z.string(),
  level: z.enum(NAMING_LEVELS),
  message: z.string(),
  context: z.record(z.string(), z.string()),
});

const Distinct = z.object({
  estimate: count,
  standard_error: z.number().meta({ description: 'Relative standard error of the estimate; 0 where exact' }),
});

export const Attribute = z
  .object({
    service: z.string(),
    environment: z.string(),
    team: z.string(),
    location: z.enum(LOCATIONS),
    key: z.string(),
    types: z.array(z.enum(VALUE_TYPES)),
    type_conflict: z.boolean().meta({ description: 'Values of more than one type were seen' }),
    shapes: z.array(z.string()).meta({ description: 'Forms of values, such as `9{4}-a{2}`, at most eight' }),
    observations: count,
    distinct: Distinct,
    growth: z.enum(GROWTH_CLASSES).meta({ description: 'Class of growth, as it was judged last' }),
    bytes: count.meta({ description: 'OTLP protobuf bytes in the window' }),
    cost: z.object({ amount: z.number(), currency: z.string() }),
    naming: z.array(NamingFinding),
  })
  .meta({ id: 'Attribute' });
export type Attribute = z.infer<typeof Attribute>;

export const AttributePage = page(Attribute);
export type AttributePage = z.infer<typeof AttributePage>;

const attributeFilter = {
  from,
  to,
  team: name.optional(),
  service: name.optional(),
  environment: name.optional(),
  location: z.enum(LOCATIONS).optional(),
  key: name.optional(),
  growth: z.enum(GROWTH_CLASSES).optional().meta({ description: 'Class of growth, as it was judged last' }),
};
export const AttributeQuery = z.strictObject({ limit, cursor, ...attributeFilter });
export const AttributeExportQuery = z.strictObject(attributeFilter);
export const AttributeExport = z.object({ data: z.array(Attribute) }).meta({ id: 'AttributeExport' });

export const AttributeCardQuery = z.strictObject({
  from,
  to,
  environment: name.optional(),
  location: z.enum(LOCATIONS).optional(),
});

export const SpanName = z
  .object({
    service: z.string(),
    environment: z.string(),
    team: z.string(),
    kind: z.enum(SPAN_KINDS),
    template: z.string().meta({ description: 'The name with `{id}`, `{value}` or `{query}` for what varies in it' }),
    spans: count,
    error_spans: count,
    share: z.number().meta({ description: 'Of the spans of the service in the environment, 0 to 1' }),
    bytes: count.meta({ description: 'OTLP protobuf bytes of the spans' }),
    distinct: z.object({
      estimate: count.meta({ description: 'Names that the template stands for' }),
      standard_error: z.number().meta({ description: 'Relative standard error of the estimate; 0 where exact' }),
    }),
    growth: z.object({ beta: z.number(), standard_error: z.number() }).nullable().meta({
      description:
        'β of names ∝ spans^β, from the earlier half of the hours to all of them; null where they are too few',
    }),
    verdict: z.enum(SPAN_NAME_VERDICTS),
    shapes: z.array(z.string()).meta({ description: 'Forms of what varies, such as `9999`; never a value' }),
    attributes: z.array(z.object({ key: z.string(), source: z.enum(['convention', 'proposal']) })).meta({
      description: 'Where what varies should be; by the semantic conventions, or proposed from the word before it',
    }),
    suggested_name: z.string().nullable().meta({ description: 'Null where the template can be the name' }),
    convention: z.string().nullable().meta({
      description: 'How the semantic conventions name such spans, from attributes that the service sends',
    }),
    findings: z.array(NamingFinding),
  })
  .meta({ id: 'SpanName' });
export type SpanName = z.infer<typeof SpanName>;
export const SpanNamePage = page(SpanName);
export type SpanNamePage = z.infer<typeof SpanNamePage>;

const spanNameFilter = {
  from,
  to,
  service: name.optional(),
  environment: name.optional(),
  team: name.optional(),
  kind: z.enum(SPAN_KINDS).optional(),
  level: z.enum(NAMING_LEVELS).optional().meta({ description: 'With a finding of this level' }),
  verdict: z.enum(SPAN_NAME_VERDICTS).optional(),
};
export const SpanNameQuery = z.strictObject({ limit, cursor, ...spanNameFilter });
export const SpanNameExportQuery = z.strictObject(spanNameFilter);
const Money = z.object({ amount: z.number(), currency: z.string() });
const Collector = z
  .string()
  .nullable()
  .meta({ description: 'As OpenTelemetry Collector configuration, where that can' });

export const AttributeCard = z
  .object({
    service: z.string(),
    key: z.string(),
    team: z.string(),
    window: z.object({ start: time, end: time }),
    meaning: z
      .object({
        registry: z.string(),
        brief: z.string().nullable(),
        stability: z.string(),
        deprecated: z.object({ reason: z.string(), renamed_to: z.string().nullable() }).nullable(),
        low_cardinality: z.boolean().meta({ description: 'The conventions say that it has few values' }),
      })
      .nullable()
      .meta({ description: 'What the naming conventions say of the key; null where they do not know it' }),
    sensitivity: z.object({
      class: z.object({ id: z.string(), name: z.string(), severity: z.enum(SEVERITIES) }).nullable(),
      findings: z.array(
        z.object({
          ...{ id, kind: z.enum(FINDING_KINDS), detector: z.string(), severity: z.enum(SEVERITIES) },
          ...{ environment: z.string(), location: z.enum(LOCATIONS), occurrences: count },
        }),
      ),
    }),
    observations: count,
    distinct: Distinct,
    reuse: z.number().nullable().meta({ description: 'Observations of a distinct value, on average' }),
    growth: z.object({
      class: z.enum(GROWTH_CLASSES),
      rate: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable().meta({
        description: 'Exponent with which distinct values grow with observations, with an interval of 95 %',
      }),
      reason: z.string(),
    }),
    days: z.array(z.object({ day: z.iso.date(), observations: count, distinct: Distinct, new_values: count })).meta({
      description: 'By UTC day, of the window so far; new values are those that no day of the window before had',
    }),
    types: z.array(z.enum(VALUE_TYPES)),
    type_conflict: z.boolean(),
    shapes: z.array(z.string()),
    share_of_spans: z
      .number()
      .nullable()
      .meta({ description: 'Of the spans that have it, 0 to 1; null where no span has' }),
    bytes: count,
    share_of_bytes: z.number().meta({ description: 'Of all bytes of the service, 0 to 1' }),
    cost: Money,
    cost_per_month: Money.meta({ description: 'At the rate of the window' }),
    emitters: z
      .array(
        z.object({
          ...{ service: z.string(), environment: z.string(), location: z.enum(LOCATIONS), team: z.string() },
          ...{ observations: count, bytes: count },
        }),
      )
      .meta({ description: 'All services that have the key, most bytes first, at most a hundred' }),
    naming: z.array(NamingFinding),
    findings: z
      .array(
        z.object({
          id,
          detector: z.string(),
          name: z.string(),
          severity: z.enum(SEVERITIES),
          location: z.enum(LOCATIONS),
        }),
      )
      .meta({ description: 'On its name and on the number of its values; those that are not resolved' }),
    budget: z
      .object({
        max_distinct: count,
        source: z
          .enum(BUDGET_SOURCES)
          .meta({ description: 'Set by a person, or the default of its class or convention' }),
        crossed: z.boolean(),
      })
      .nullable(),
    suggestions: z.array(
      z.object({
        action: z.enum(ATTRIBUTE_ACTIONS),
        location: z.enum(LOCATIONS),
        reason: z.string(),
        saves_per_month: z.object({ bytes: count, ...Money.shape }),
        collector: Collector,
      }),
    ),
    policies: z.array(z.object({ id, version: count, state: z.enum(POLICY_STATES), title: z.string() })),
  })
  .meta({ id: 'AttributeCard' });
export type AttributeCard = z.infer<typeof AttributeCard>;

const budgeted = name.min(1).nullable();
const BudgetScope = {
  team: budgeted.meta({ description: 'Of this team; null for any' }),
  service: budgeted,
  key: budgeted.meta({ description: 'Attribute key; null for any' }),
};
const maxDistinct = z.int().min(1).max(1_000_000_000).meta({ description: 'Distinct values within seven days' });
export const AttributeBudget = z
  .object({ id, ...BudgetScope, max_distinct: maxDistinct, author: z.string(), updated_at: time })
  .meta({ id: 'AttributeBudget' });
export type AttributeBudget = z.infer<typeof AttributeBudget>;
export const AttributeBudgetList = z
  .object({
    data: z.array(AttributeBudget).max(1000),
    defaults: z.record(z.enum(GROWTH_CLASSES), count.nullable()).meta({ description: 'By class, where none is set' }),
  })
  .meta({ id: 'AttributeBudgetList' });
export type AttributeBudgetList = z.infer<typeof AttributeBudgetList>;
export const AttributeBudgetBody = z
  .strictObject({
    team: BudgetScope.team.default(null),
    service: BudgetScope.service.default(null),
    key: BudgetScope.key.default(null),
    max_distinct: maxDistinct,
  })
  .refine(({ team, service, key }) => team !== null || service !== null || key !== null, {
    message: 'at least one of team, service and key',
  });

const Period = z.object({ start: time, end: time });

const Interval = z.object({ low: z.number(), high: z.number() });
const CostFigures = {
  spans: z.number().meta({ description: 'Estimated; as received where nothing says how they were sampled' }),
  bytes: z.number(),
  cost: z.number().meta({ description: 'At average prices' }),
  saving: z.number().meta({ description: 'At marginal prices: what is saved when all of it goes' }),
  received_spans: z.number(),
  received_bytes: z.number(),
  spans_interval: Interval.nullable().meta({ description: 'Of 95 %; null where nothing says how spans were sampled' }),
  bytes_interval: Interval.nullable(),
  cost_interval: Interval.nullable(),
};
const CostModel = z.object({ id: z.string(), name: z.string(), as_of: z.string(), confirmed: z.boolean() });

export const CostReport = z
  .object({
    window: Period,
    group_by: z.enum([...COST_GROUPS, 'span_name']),
    currency: z.string(),
    price_model: CostModel,
    price_models: z.array(CostModel.extend({ cost: z.number() })),
    total: z.object(CostFigures),
    rows: z.array(z.object({ group: z.string(), ...CostFigures, share: z.number() })),
    basis: z.string().meta({ description: 'What the figures count' }),
    saving_basis: z
      .string()
      .meta({ description: 'What `saving` counts, in words: plans by host or event save nothing' }),
  })
  .meta({ id: 'CostReport' });
export type CostReport = z.infer<typeof CostReport>;

export const CostQuery = z.strictObject({
  group_by: z.enum([...COST_GROUPS, 'span_name']).default('team'),
  from,
  to,
  price_model: z
    .string()
    .regex(/^[a-z0-9-]+(,[a-z0-9-]+){0,4}$/)
    .optional()
    .meta({ description: 'Ids of price models with commas between them, for spans that go to several backends' }),
});

export const FocusQuery = CostQuery.omit({ group_by: true }).extend({
  profile: z.enum(FOCUS_PROFILES).default('1.3').meta({ description: 'Version of FOCUS' }),
});

export const SamplingRatioBody = z.strictObject({
  service: z.string().trim().min(1).max(300).nullable().meta({ description: 'Null: every service without one' }),
  probability: z.number().gt(0).max(1),
});
export const UsageCounterBody = z.strictObject({
  service: z.string().trim().min(1).max(300).nullable().meta({ description: 'Null: all services together' }),
  from: time,
  to: time,
  spans: z.number().min(0).nullable().default(null),
  bytes: z.number().min(0).nullable().default(null),
});
export const PriceDocument = z.record(z.string(), z.unknown()).meta({ id: 'PriceDocument' });
export const PriceList = z.object({
  data: z.array(
    CostModel.extend({
      vendor: z.string(),
      currency: z.string(),
      source: z.string(),
      notes: z.string(),
      origin: z.enum(['shipped', 'own']),
      usable: z.boolean().meta({ description: 'False where a price is to be filled in' }),
    }),
  ),
});
export type PriceList = z.infer<typeof PriceList>;

const Action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mask'), patterns: z.array(z.object({ detector: z.string(), pattern: z.string() })) }),
  z.object({ kind: z.literal('mask-value') }),
  z.object({ kind: z.literal('delete') }),
  z.object({ kind: z.literal('hash') }),
  z.object({ kind: z.literal('truncate'), length: count }),
  z.object({ kind: z.literal('rename'), to: z.string() }),
  KeyedHashAction,
  KeepAction,
  DropAction,
  z.object({
    kind: z.literal('template'),
    template: z.string(),
    name: z.string().optional().meta({ description: 'What the names become; the template without it' }),
    except: z.array(z.string()).optional().meta({ description: 'Names and templates that stay as they are' }),
  }),
  SampleAction,
]);

export const Policy = z
  .object({
    id,
    version: count,
    policy_set: z.string(),
    state: z.enum(POLICY_STATES),
    title: z.string(),
    reason: z.string(),
    location: z.enum(LOCATIONS),
    key: z.string(),
    services: z.array(z.string()),
    environments: z.array(z.string()).meta({ description: 'None for all' }),
    action: Action,
    findings: z.array(id),
    created_at: time,
    decided_at: time.nullable(),
    decided_by: z.string().nullable(),
    author: z.string().meta({ description: '`spanwarden` where nobody wrote it' }),
    loses_data: z.boolean().meta({ description: 'Whether data is gone for good that somebody may still want' }),
    rollout: Rollout.nullable().meta({ description: 'Null before it is approved' }),
    proof: Proof.nullable().meta({ description: 'What the data said last; null before it is approved' }),
    etag: z.string().meta({ description: 'Send it as If-Match to approve exactly this version' }),
    preview: z.string().meta({ description: 'The policy alone, as OpenTelemetry Collector configuration' }),
    unsupported: z.array(z.string()).meta({ description: 'What the collector cannot carry out, and why' }),
    ...{ processors: PolicyProcessors, notes: PolicyNotes, evidence: z.array(PolicyEvidence) },
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof Policy>;

export const PolicyVersions = z.object({ data: z.array(Policy) });
export type PolicyVersions = z.infer<typeof PolicyVersions>;
export const PolicyPage = page(Policy);
export type PolicyPage = z.infer<typeof PolicyPage>;
export const PolicyQuery = z.strictObject({ limit, cursor, state: z.enum(POLICY_STATES).optional() });

/** A name of the IANA time zone database. */
const timeZone = z
  .string()
  .max(64)
  .refine((zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  });
const teamName = text.min(1).max(100);
const audience = z.enum(AUDIENCES).meta({ description: 'Whom the report is for' });
const edition = z.enum(EDITIONS);

export const ReportSummary = z
  .object({
    id,
    edition,
    audience,
    team: z.string().nullable().meta({ description: 'Null for all teams' }),
    time_zone: z.string(),
    period: Period,
    state: z.enum(['pending', 'ready', 'failed']),
    note: z.string().nullable().meta({ description: 'What is to be known first, such as that there are no data' }),
    created_at: time,
    content_hash: z
      .string()
      .nullable()
      .meta({ description: 'SHA-256 of the content in the form of RFC 8785: the same content, the same hash' }),
    error: z.string().nullable(),
    formats: z.record(z.string(), z.string()).meta({ description: 'Address of each format' }),
  })
  .meta({ id: 'Report' });
export type ReportSummary = z.infer<typeof ReportSummary>;
export const ReportPage = page(ReportSummary);
export type ReportPage = z.infer<typeof ReportPage>;
export const ReportQuery = z.strictObject({
  limit,
  cursor,
  edition: edition.optional(),
  audience: audience.optional(),
  team: teamName.optional(),
});
export const ReportFormatQuery = z.strictObject({
  format: z
    .enum(['md', 'html', 'json', 'csv', 'pdf'])
    .optional()
    .meta({ description: 'The same as an ending of the path; without either the Accept header counts' }),
  table: z
    .enum(REPORT_TABLES)
    .optional()
    .meta({ description: 'Table of a CSV; the main one of its readers by default' }),
});
export const ReportBody = z.strictObject({
  edition: edition
    .default('on-demand')
    .meta({ description: 'A monthly one adds attributes to prune, a quarterly one a review of sampling and storage' }),
  audience: audience.default('security'),
  team: teamName.nullable().default(null).meta({ description: 'Services of one team; null for all' }),
  time_zone: timeZone.optional().meta({ description: 'That of the installation by default' }),
  from: time.optional().meta({
    description: 'Start of the window; by default the last seven days, or the last period of the edition',
  }),
  to,
});

const WebAddress = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .meta({ description: 'HTTPS, or HTTP in networks that the configuration names; never shown again' });
const SubscriptionTarget = z.discriminatedUnion('channel', [
  z.strictObject({ channel: z.literal('mail'), to: z.array(z.email().max(254)).min(1).max(50) }),
  z.strictObject({ channel: z.literal('slack'), url: WebAddress }),
  z.strictObject({
    channel: z.literal('webhook'),
    url: WebAddress,
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/)
      .optional()
      .meta({ description: 'Of Standard Webhooks; one is made, and shown once, where none is given' }),
  }),
]);
const subscriptionFields = {
  name: text.trim().min(1).max(100),
  audience,
  team: teamName.nullable(),
  editions: z
    .array(z.enum(['weekly', 'monthly', 'quarterly']))
    .min(1)
    .max(3),
  time_zone: timeZone,
  target: SubscriptionTarget,
};
export const SubscriptionBody = z.strictObject({
  ...subscriptionFields,
  team: subscriptionFields.team.default(null),
  editions: subscriptionFields.editions.default(['weekly']),
  time_zone: timeZone.optional(),
});
export const SubscriptionPatch = z.strictObject(subscriptionFields).partial();

export const Subscription = z
  .object({
    id,
    name: z.string(),
    channel: z.enum(CHANNELS),
    audience,
    team: z.string().nullable(),
    editions: z.array(edition),
    time_zone: z.string(),
    to: z.array(z.string()).meta({ description: 'Addresses of mail; for others the host alone' }),
    secret: z.string().nullable().meta({ description: 'Only in the answer that made it' }),
    disabled: z.string().nullable().meta({ description: 'Why nothing is delivered; a change enables it again' }),
    author: z.string(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Subscription' });
export type Subscription = z.infer<typeof Subscription>;
export const SubscriptionPage = page(Subscription);
export type SubscriptionPage = z.infer<typeof SubscriptionPage>;
export const SubscriptionQuery = z.strictObject({ limit, cursor });

export * from './contract/notifications.js';

export const Delivery = z
  .object({
    id,
    subscription_id: id.meta({ description: 'The rule, where it is a notification' }),
    report_id: id.nullable().meta({ description: 'Null for a test and for a notification' }),
    state: z.enum(DELIVERY_STATES),
    attempts: count,
    error: z.string().nullable().meta({ description: 'Of the last attempt' }),
    created_at: time,
    attempted_at: time.nullable(),
    sent_at: time.nullable(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;
export const DeliveryPage = page(Delivery);
export type DeliveryPage = z.infer<typeof DeliveryPage>;

export const Status = z
  .object({
    version: z.string(),
    spans_7d: count,
    services: count,
    last_span_at: time.nullable(),
    findings: z.object({
      states: z.record(z.enum(FINDING_STATES), z.record(z.enum(SEVERITIES), count)),
      substates: z.record(z.enum(FINDING_SUBSTATES), count).meta({ description: 'Of those that are not resolved' }),
    }),
    suggested_policies: count,
    detectors: count,
    pattern_engine: z.enum(['re2', 're2js']),
    otlp: z.object({ http: z.string().nullable(), grpc: z.string().nullable() }),
    opamp: z.string().nullable().meta({ description: 'Where collectors speak OpAMP to, over HTTP or WebSocket' }),
  })
  .meta({ id: 'Status' });
export type Status = z.infer<typeof Status>;

export const Rule = z
  .object({
    id: z.string(),
    name: z.string(),
    family: z.string(),
    kind: z.enum(['secret', 'pii']),
    severity: z.enum(SEVERITIES),
    confidence: z.enum(CONFIDENCES),
    source: z.enum(['shipped', 'custom']),
    state: z.enum(['on', 'off']),
    reason: z.string().nullable().meta({ description: 'Why it is off' }),
  })
  .meta({ id: 'Rule' });
export type Rule = z.infer<typeof Rule>;
export const RuleList = z.object({ data: z.array(Rule).max(1000) });
export type RuleList = z.infer<typeof RuleList>;

export const RuleDocument = z
  .object({ family: z.string(), detectors: z.array(z.record(z.string(), z.unknown())) })
  .meta({ id: 'RuleDocument', description: 'A rule file; docs/rules.md and rules/detectors.schema.json say its form' });
export const RuleDocumentQuery = z.strictObject({
  version: z.coerce.number().int().min(0).optional().meta({ description: 'The latest without it' }),
});
export const RuleChangeQuery = z.strictObject({
  comment: z.string().trim().max(500).default('').meta({ description: 'What changed, for the list of versions' }),
});
export const RuleCheck = z.object({ detectors: count }).meta({ id: 'RuleCheck' });
export type RuleCheck = z.infer<typeof RuleCheck>;

export const RuleVersion = z
  .object({ version: count, author: z.string(), comment: z.string(), created_at: time })
  .meta({ id: 'RuleVersion' });
export type RuleVersion = z.infer<typeof RuleVersion>;
export const RuleVersionPage = page(RuleVersion);
export type RuleVersionPage = z.infer<typeof RuleVersionPage>;
export const RuleVersionQuery = z.strictObject({ limit, cursor });

const covered = z.string().min(1).max(300).nullable();
const ExclusionPlace = {
  detector: covered.meta({ description: 'Id of a detector, of a naming rule or of a class of sensitive keys' }),
  service: covered,
  key: covered.meta({ description: 'As findings show it' }),
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable()
    .meta({ description: 'Of one value, as findings show it' }),
};

export const Exclusion = z
  .object({
    id,
    ...ExclusionPlace,
    team: covered.meta({ description: 'Only of waivers of naming findings' }),
    reason: z.string(),
    author: z.string(),
    created_at: time,
    expires_at: time.nullable(),
    state: z.enum(['in-force', 'expired', 'removed']),
  })
  .meta({ id: 'Exclusion', description: 'Matches that are no findings: all that is given must be as in the match' });
export type Exclusion = z.infer<typeof Exclusion>;
export const ExclusionPage = page(Exclusion);
export type ExclusionPage = z.infer<typeof ExclusionPage>;
export const ExclusionQuery = z.strictObject({
  limit,
  cursor,
  state: z.enum(['in-force', 'expired', 'removed']).optional().meta({ description: 'In force and expired without it' }),
});
export const ExclusionBody = z.strictObject({
  detector: ExclusionPlace.detector.default(null),
  service: ExclusionPlace.service.default(null),
  key: ExclusionPlace.key.default(null),
  fingerprint: ExclusionPlace.fingerprint.default(null),
  reason: z.string().trim().min(3).max(500).meta({ description: 'Why these are no findings, without the value' }),
  expires_at: time.nullable().default(null).meta({ description: 'At most a year ahead; optional with a fingerprint' }),
});

const complete = z.boolean().meta({
  description: 'False where there was more than one answer looks at; what has the fewest bytes is left out then',
});

export const Conventions = z
  .object({
    registries: z.array(
      z.object({
        name: z.string(),
        version: z.string(),
        kind: z.enum(['standard', 'company', 'vendor']),
        attributes: count,
        templates: count.meta({ description: 'Those of the attributes that stand for many keys' }),
        enums: count,
        deprecated: z
          .object({ renamed: count, obsoleted: count, moved: count, uncategorized: count })
          .meta({ description: 'Attributes that moved to another registry are not out of use' }),
      }),
    ),
    rules: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        level: z.enum(NAMING_LEVELS),
        remedy: z.string(),
        reference: z.string(),
      }),
    ),
  })
  .meta({ id: 'Conventions' });
export type Conventions = z.infer<typeof Conventions>;

const NamingRuleId = z.enum(NAMING_RULE_IDS as [string, ...string[]]);
export const NAMING_STATES = ['active', 'waived'] as const;

export const ConventionFinding = z
  .object({
    id: z.string().meta({ description: 'Of the rule; that of Weaver where it has one' }),
    level: z.enum(NAMING_LEVELS).meta({ description: 'After the overrides of the team' }),
    message: z.string(),
    context: z.record(z.string(), z.string()),
    signal_type: z.enum(['resource', 'span']),
    service: z.string(),
    environment: z.string(),
    team: z.string(),
    location: z.enum(LOCATIONS),
    key: z.string(),
    observations: count,
    bytes: count.meta({ description: 'OTLP protobuf bytes in the window' }),
    state: z.enum(NAMING_STATES),
    waiver: id.nullable(),
  })
  .meta({ id: 'ConventionFinding', description: "A finding on a name, in the form of Weaver's live check" });
export type ConventionFinding = z.infer<typeof ConventionFinding>;
export const ConventionFindingPage = page(ConventionFinding).extend({ complete });
export type ConventionFindingPage = z.infer<typeof ConventionFindingPage>;

const conventionFilter = {
  from,
  to,
  level: z.enum(NAMING_LEVELS).optional(),
  rule: NamingRuleId.optional(),
  state: z.enum(NAMING_STATES).optional(),
  service: name.optional(),
  environment: name.optional(),
  team: name.optional(),
  location: z.enum(LOCATIONS).optional(),
  key: name.optional(),
};
export const ConventionFindingQuery = z.strictObject({ limit, cursor, ...conventionFilter });
export const ConventionExportQuery = z.strictObject(conventionFilter);

export const ConventionCompliance = z
  .object({
    window: Period,
    group_by: z.enum(COMPLIANCE_GROUPS),
    rows: z.array(
      z.object({
        week: z.string().meta({ description: 'ISO 8601, UTC' }),
        team: z.string(),
        service: z.string().nullable(),
        observations: count,
        violating_observations: count,
        waived_observations: count,
        observation_share: z.number().meta({ description: 'Observations of attributes without a violation' }),
        keys: count.meta({ description: 'Attributes, by service, environment, location and key' }),
        violating_keys: count,
        waived_keys: count,
        key_share: z.number().meta({ description: 'Attributes without a violation' }),
      }),
    ),
    complete,
  })
  .meta({ id: 'ConventionCompliance' });
export type ConventionCompliance = z.infer<typeof ConventionCompliance>;
export const ConventionComplianceQuery = z.strictObject({
  from: time.optional().meta({ description: 'Start of the window, moved to the Monday before; four weeks without it' }),
  to,
  group_by: z.enum(COMPLIANCE_GROUPS).default('team'),
  team: name.optional(),
  service: name.optional(),
});

export const ConventionBackends = z
  .object({
    window: Period,
    data: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        as_of: z.string(),
        confirmed: z.boolean(),
        source: z.string(),
        notes: z.string(),
        checks: z.array(
          z.object({
            limit: z.string(),
            value: count,
            state: z.enum(['fits', 'exceeds', 'not_measured']),
            basis: z.string().meta({ description: 'What was measured' }),
            count,
            examples: z.array(z.object({ service: z.string(), name: z.string(), measured: z.number() })),
          }),
        ),
      }),
    ),
    complete,
  })
  .meta({ id: 'ConventionBackends' });
export type ConventionBackends = z.infer<typeof ConventionBackends>;
export const ConventionBackendQuery = z.strictObject({ from, to });

const WaiverPlace = { rule: NamingRuleId, team: covered, service: covered, key: covered };
export const Waiver = z
  .object({
    id,
    ...WaiverPlace,
    reason: z.string(),
    author: z.string(),
    created_at: time,
    expires_at: time,
    state: z.enum(['in-force', 'expired', 'removed']),
  })
  .meta({ id: 'Waiver', description: 'Naming findings that are accepted for a while: all that is given must hold' });
export type Waiver = z.infer<typeof Waiver>;
export const WaiverPage = page(Waiver);
export type WaiverPage = z.infer<typeof WaiverPage>;
export const WaiverQuery = ExclusionQuery;
export const WaiverBody = z.strictObject({
  rule: NamingRuleId,
  team: covered.default(null),
  service: covered.default(null),
  key: covered.default(null),
  reason: z.string().trim().min(3).max(500),
  expires_at: time.meta({ description: 'At most 180 days ahead' }),
});

export const NamingOverride = z
  .object({
    id,
    team: z.string().nullable().meta({ description: 'Null: every team that has no level of its own' }),
    rule: NamingRuleId,
    level: z.enum(OVERRIDE_LEVELS),
    reason: z.string(),
    author: z.string(),
    updated_at: time,
  })
  .meta({ id: 'NamingOverride' });
export type NamingOverride = z.infer<typeof NamingOverride>;
export const NamingOverrideList = z.object({ data: z.array(NamingOverride).max(1000) });
export type NamingOverrideList = z.infer<typeof NamingOverrideList>;
export const NamingOverrideBody = z.strictObject({
  team: z.string().trim().min(1).max(100).nullable().default(null),
  rule: NamingRuleId,
  level: z.enum(OVERRIDE_LEVELS),
  reason: z.string().trim().min(3).max(500),
});
const verdict = z.enum(VERDICTS);

export const QualityIndicator = z
  .object({
    group: z.string().meta({ description: 'Service, team or environment; empty for the total' }),
    indicator: z.string(),
    title: z.string(),
    field_guide: z
      .array(z.string())
      .meta({ description: 'Indicators and failure modes of the field guide it answers' }),
    verdict,
    value: z.number().nullable(),
    unit: z.enum(UNITS),
    interval: Interval.nullable().meta({ description: '95 %, wider where what did not come could change the value' }),
    n: count,
    of: z.string().meta({ description: 'What n counts' }),
    threshold: z
      .object({ most: z.number() })
      .or(z.object({ least: z.number() }))
      .nullable(),
    reason: z.string().meta({ description: 'Why there is no verdict, or what to know about it; may be empty' }),
    remedy: z.string(),
  })
  .meta({ id: 'QualityIndicator' });
export type QualityIndicator = z.infer<typeof QualityIndicator>;
export const QualityPage = page(QualityIndicator);
export type QualityPage = z.infer<typeof QualityPage>;

const qualityFilter = {
  from,
  to,
  service: name.optional(),
  environment: name.optional(),
  team: name.optional(),
  group_by: z.enum(QUALITY_GROUPS).default('total'),
  verdict: verdict.optional(),
  indicator: name.optional(),
};
export const QualityQuery = z.strictObject({ limit, cursor, ...qualityFilter });
export const QualityExportQuery = z.strictObject(qualityFilter);

export const FieldGuide = z
  .object({
    data: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        indicators: z.array(z.string()),
        elsewhere: z.string().meta({ description: 'Who answers it beside the indicators, or instead of them' }),
      }),
    ),
  })
  .meta({ id: 'FieldGuide' });
export type FieldGuide = z.infer<typeof FieldGuide>;

const Quantile = Interval.extend({ value: z.number() }).nullable();

export const OperationRow = z
  .object({
    service: z.string(),
    environment: z.string(),
    operation: z.string().meta({ description: 'Template of the span name' }),
    kind: z.enum(SPAN_KINDS),
    spans: count,
    errors: count,
    roots: count.meta({ description: 'Spans that began a trace' }),
    p50: Quantile.meta({ description: 'Milliseconds, with an interval of 95 %' }),
    p95: Quantile,
    p99: Quantile,
  })
  .meta({ id: 'Operation' });
export type OperationRow = z.infer<typeof OperationRow>;
export const OperationPage = page(OperationRow);
export type OperationPage = z.infer<typeof OperationPage>;

const placeFilter = { from, to, service: name.optional(), environment: name.optional() };
export const QualityListQuery = z.strictObject({ limit, cursor, ...placeFilter });
export const QualityListExportQuery = z.strictObject(placeFilter);

export const Propagation = z
  .object({
    service: z.string(),
    environment: z.string(),
    peer: z.string().meta({ description: 'The service that is called' }),
    library: z.string().meta({ description: 'What makes the calling spans: name of the instrumentation scope' }),
    version: z.string(),
    calls: count,
    broken: count.meta({ description: 'Calls that arrived as a new trace' }),
    unanswered: count.meta({ description: 'Calls without a span at the other side, in traces that came whole' }),
    unknown: count.meta({ description: 'The same in traces that did not come whole' }),
  })
  .meta({ id: 'Propagation' });
export type Propagation = z.infer<typeof Propagation>;
export const PropagationPage = page(Propagation);
export type PropagationPage = z.infer<typeof PropagationPage>;

export const HostPair = z
  .object({
    hosts: z.array(z.string()).meta({ description: 'Keyed hashes of two hosts' }),
    crossings: count.meta({ description: 'Pairs of parent and child on both' }),
    skewed: count.meta({ description: 'Of these, pairs that cannot both be right' }),
    p95: Quantile.meta({ description: 'Milliseconds between their clocks' }),
  })
  .meta({ id: 'HostPair' });
export type HostPair = z.infer<typeof HostPair>;
export const HostPairPage = page(HostPair);
export type HostPairPage = z.infer<typeof HostPairPage>;
export const HostPairQuery = z.strictObject({ limit, cursor, from, to });

const RequestTotal = z.strictObject({
  service: name.min(1),
  environment: name.default('').meta({ description: 'Empty for all environments' }),
  hour: time.meta({ description: 'Beginning of the hour, UTC' }),
  requests: z.int().nonnegative(),
});
export const RequestTotalsBody = z.strictObject({ data: z.array(RequestTotal).min(1).max(1000) });
export const RequestTotals = page(
  z.object({
    service: z.string(),
    environment: z.string(),
    hour: time,
    requests: count,
    source: z.enum(['api', 'prometheus']),
  }),
);
export type RequestTotals = z.infer<typeof RequestTotals>;

const ScoreRule = z.object({
  id: z.string(),
  criterion: z.string(),
  impact: z.enum(['Critical', 'Important', 'Normal', 'Low']),
  verdict,
  reason: z.string(),
});
const ScorePart = z.object({ name: z.string(), weight: z.number(), score: z.number().nullable(), formula: z.string() });

export const ServiceScore = z
  .object({
    service: z.string(),
    team: z.string(),
    instrumentation: z
      .object({
        score: z.number().nullable().meta({ description: '0 to 100; null where no rule has a verdict' }),
        category: z.enum(SCORE_CATEGORIES).nullable(),
        complete: z.boolean().meta({ description: 'False while rules of the specification are missing' }),
        rules: z.array(ScoreRule),
        missing: z.array(z.object({ id: z.string(), reason: z.string() })),
      })
      .meta({ description: 'By the specification of the Instrumentation Score; nothing is added to it' }),
    governance: z
      .object({ score: z.number().nullable(), formula: z.string(), parts: z.array(ScorePart) })
      .meta({ description: 'A score of our own, beside the Instrumentation Score' }),
  })
  .meta({ id: 'ServiceScore' });
export type ServiceScore = z.infer<typeof ServiceScore>;
export const ScorePage = page(ServiceScore);
export type ScorePage = z.infer<typeof ScorePage>;
const scoreFilter = {
  from: time.optional().meta({ description: 'Start of the window; 30 days before its end by default' }),
  to,
  service: name.optional(),
  environment: name.optional(),
  team: name.optional(),
};
export const ScoreQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(50).default(20).meta({ description: 'Rows of a page' }),
  cursor,
  ...scoreFilter,
});
export const ScoreExportQuery = z.strictObject(scoreFilter);
