import { z } from 'zod';
import { CONFIDENCES, FINDING_KINDS, SEVERITIES } from '../../engine/model/finding.js';
import { FINDING_ACTIONS, FINDING_STATES, FINDING_SUBSTATES, RESOLUTIONS } from '../../engine/model/finding-state.js';
import { LOCATIONS, VALUE_TYPES } from '../../engine/model/location.js';
import { NAMING_LEVELS } from '../../engine/model/naming-finding.js';
import { POLICY_STATES } from '../../engine/model/policy.js';
import { COMPLIANCE_GROUPS } from '../../engine/naming/compliance.js';
import { OVERRIDE_LEVELS } from '../../engine/naming/levels.js';
import { NAMING_RULE_IDS } from '../../engine/naming/rules.js';
import { SPAN_KINDS } from '../../engine/naming/span-name-area.js';
import { SPAN_NAME_VERDICTS } from '../../engine/naming/span-name-verdict.js';
import { COST_GROUPS } from '../../flow/costs.js';

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
      description: 'In all spans, with an interval of 95 %; null where the spans do not say how they were sampled',
    }),
    first_seen: time,
    last_seen: time,
    remedy: z.string(),
    example: z.object({ trace_id: z.string(), span_id: z.string() }),
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

export const Attribute = z
  .object({
    service: z.string(),
    environment: z.string(),
    team: z.string(),
    location: z.enum(LOCATIONS),
    key: z.string(),
    types: z.array(z.enum(VALUE_TYPES)),
    observations: count,
    distinct: z.object({
      estimate: count,
      standard_error: z.number().meta({ description: 'Relative standard error of the estimate; 0 where exact' }),
    }),
    bytes: count.meta({ description: 'OTLP protobuf bytes in the window' }),
    cost: z.object({ amount: z.number(), currency: z.string() }),
    naming: z.array(NamingFinding),
  })
  .meta({ id: 'Attribute' });
export type Attribute = z.infer<typeof Attribute>;

export const AttributePage = page(Attribute);
export type AttributePage = z.infer<typeof AttributePage>;

export const AttributeQuery = z.strictObject({
  limit,
  cursor,
  from,
  to,
  service: name.optional(),
  environment: name.optional(),
  location: z.enum(LOCATIONS).optional(),
  key: name.optional(),
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

const Period = z.object({ start: time, end: time });

const Interval = z.object({ low: z.number(), high: z.number() }).nullable();
const CostFigures = {
  spans: z.number().meta({ description: 'Estimated; as received where nothing says how they were sampled' }),
  bytes: z.number(),
  cost: z.number().meta({ description: 'At average prices' }),
  saving: z.number().meta({ description: 'At marginal prices: what is saved when all of it goes' }),
  received_spans: z.number(),
  received_bytes: z.number(),
  spans_interval: Interval.meta({ description: 'Of 95 %; null where nothing says how spans were sampled' }),
  bytes_interval: Interval,
  cost_interval: Interval,
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

export const Owner = z
  .object({
    service: z.string(),
    team: z.string(),
    source: z.enum(['mapping', 'resource', 'namespace', 'none']).meta({ description: 'Where the answer comes from' }),
  })
  .meta({ id: 'Owner' });
export const OwnerList = z.object({ data: z.array(Owner) });
export type OwnerList = z.infer<typeof OwnerList>;
export const OwnerBody = z.strictObject({ team: z.string().trim().min(1).max(100) });

const Action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mask'), patterns: z.array(z.object({ detector: z.string(), pattern: z.string() })) }),
  z.object({ kind: z.literal('mask-value') }),
  z.object({ kind: z.literal('delete') }),
  z.object({ kind: z.literal('rename'), to: z.string() }),
  z.object({
    kind: z.literal('template'),
    template: z.string(),
    name: z.string().optional().meta({ description: 'What the names become; the template without it' }),
    except: z.array(z.string()).optional().meta({ description: 'Names and templates that stay as they are' }),
  }),
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
    action: Action,
    findings: z.array(id),
    created_at: time,
    decided_at: time.nullable(),
    decided_by: z.string().nullable(),
    etag: z.string().meta({ description: 'Send it as If-Match to approve exactly this version' }),
    preview: z.string().meta({ description: 'The policy alone, as OpenTelemetry Collector configuration' }),
    unsupported: z.array(z.string()).meta({ description: 'What the collector cannot carry out, and why' }),
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof Policy>;

export const PolicyPage = page(Policy);
export type PolicyPage = z.infer<typeof PolicyPage>;
export const PolicyQuery = z.strictObject({ limit, cursor, state: z.enum(POLICY_STATES).optional() });

export const ReportSummary = z
  .object({
    id,
    edition: z.enum(['weekly', 'on-demand']),
    period: Period,
    state: z.enum(['pending', 'ready', 'failed']),
    created_at: time,
    content_hash: z
      .string()
      .nullable()
      .meta({ description: 'SHA-256 of the content: the same content, the same hash' }),
    error: z.string().nullable(),
    formats: z.record(z.string(), z.string()).meta({ description: 'Address of each format' }),
  })
  .meta({ id: 'Report' });
export type ReportSummary = z.infer<typeof ReportSummary>;
export const ReportPage = page(ReportSummary);
export type ReportPage = z.infer<typeof ReportPage>;
export const ReportQuery = z.strictObject({ limit, cursor });
export const ReportBody = z.strictObject({ from, to });

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
  })
  .meta({ id: 'Status' });
export type Status = z.infer<typeof Status>;

export const SessionBody = z.strictObject({ token: z.string().min(1).max(512) });
export const Session = z.object({ subject: z.string() }).meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

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
