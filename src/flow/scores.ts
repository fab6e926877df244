import { UNOWNED } from '../engine/cost/ownership.js';
import type { Severity } from '../engine/model/finding.js';
import { FIELDS } from '../engine/model/location.js';
import { isAtWrongLevel } from '../engine/naming/attribute-level.js';
import { checkAttributeName } from '../engine/naming/attribute-rules.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import {
  type CardinalityRow,
  SPAN_NAME_CARDINALITY,
  spanNameCardinality,
} from '../engine/naming/span-name-cardinality.js';
import { type GovernanceScore, governanceScore } from '../engine/quality/governance-score.js';
import { INDICATORS } from '../engine/quality/indicators/index.js';
import {
  type InstrumentationScore,
  instrumentationScore,
  type SpanNameVerdict,
} from '../engine/quality/instrumentation-score.js';
import { teamsByService } from './costs.js';
import type { AttributeOfService, SpanNameStore, Window } from './ports.js';
import { evidenceByGroup, type QualitySources } from './quality.js';

export interface ScoreStore {
  attributeKeys(tenant: string, window: Window): Promise<readonly AttributeOfService[]>;
  openFindings(tenant: string): Promise<readonly { service: string; severity: Severity; count: number }[]>;
}

export interface ScoreSources extends QualitySources {
  readonly scores: ScoreStore;
  readonly conventions: ConventionRegistry;
  readonly spanNames: SpanNameStore;
}

export interface ServiceScores {
  readonly service: string;
  readonly team: string;
  readonly instrumentation: InstrumentationScore;
  readonly governance: GovernanceScore;
}

export interface ScoreQuestion {
  readonly window: Window;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly team?: string | undefined;
}

/** An attribute has ever new values: from so many distinct ones on, each seen fewer than so often. */
const MANY_VALUES = 1_000;
const LITTLE_REUSE = 10;
/** Attributes of a service whose values are looked at, those with the most bytes. */
const MAX_ATTRIBUTES = 500;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIELD_NAMES: ReadonlySet<string> = new Set(FIELDS);

/** Both scores of the services of a question, in the order of their names; `page` says which of them. */
export async function scores(
  tenant: string,
  question: ScoreQuestion,
  page: { readonly skip: number; readonly limit: number },
  sources: ScoreSources,
): Promise<ServiceScores[]> {
  const groups = await evidenceByGroup(tenant, { ...question, groupBy: 'service' }, sources);
  const [places, findings, teams] = await Promise.all([
    sources.scores.attributeKeys(tenant, question.window),
    sources.scores.openFindings(tenant),
    teamsByService(tenant, sources.usage),
  ]);
  const chosen = [...groups].slice(page.skip, page.skip + page.limit);
  const byService = keysByService(places);
  const found: ServiceScores[] = [];
  for (const [service, evidence] of chosen) {
    const attributes = byService.get(service) ?? [];
    const team = teams.get(service) ?? UNOWNED;
    const levels = levelsOf(attributes, sources.conventions);
    const open = findings.filter((row) => row.service === service);
    found.push({
      service,
      team,
      instrumentation: instrumentationScore(evidence, {
        levels,
        spanNames: await spanNamesOf(tenant, service, question, sources.spanNames),
      }),
      governance: governanceScore({
        findings: Object.fromEntries(open.map(({ severity, count }) => [severity, count])),
        naming: namingOf(attributes, sources.conventions),
        cardinality: await cardinalityOf(tenant, service, question.window, sources),
        quality: INDICATORS.map((indicator) => indicator.judge(evidence, indicator.limit)),
        isOwned: team !== UNOWNED,
      }),
    });
  }
  return found;
}

function keysByService(places: readonly AttributeOfService[]): Map<string, AttributeOfService[]> {
  const byService = new Map<string, AttributeOfService[]>();
  for (const place of places) {
    if (FIELD_NAMES.has(place.key)) continue;
    const list = byService.get(place.service);
    if (list === undefined) byService.set(place.service, [place]);
    else list.push(place);
  }
  return byService;
}

function levelsOf(
  attributes: readonly AttributeOfService[],
  conventions: ConventionRegistry,
): { wrong: number; of: number } {
  const known = attributes
    .map(({ key, location }) => isAtWrongLevel(key, location, conventions))
    .filter((wrong) => wrong !== null);
  return { wrong: known.filter(Boolean).length, of: known.length };
}

/** Whether the number of a service's span names is bounded, by the last day of the window. */
async function spanNamesOf(
  tenant: string,
  service: string,
  { window, environment }: ScoreQuestion,
  store: SpanNameStore,
): Promise<SpanNameVerdict> {
  const end = Math.ceil(window.to.getTime() / HOUR);
  const day = { from: new Date((end - SPAN_NAME_CARDINALITY.hours) * HOUR), to: new Date(end * HOUR) };
  const rows: CardinalityRow[] = [];
  for await (const some of store.hours(tenant, day, { services: [service], environment })) rows.push(...some);
  const { verdict, reason } = spanNameCardinality(rows, end);
  return { verdict: verdict === 'insufficient evidence' ? 'insufficient_evidence' : verdict, reason };
}

function namingOf(
  attributes: readonly AttributeOfService[],
  conventions: ConventionRegistry,
): { good: number; of: number } | null {
  const keys = [...new Set(attributes.map(({ key }) => key))];
  const isGood = (key: string): boolean =>
    checkAttributeName(key, conventions).every((finding) => finding.level !== 'violation');
  return keys.length === 0 ? null : { good: keys.filter(isGood).length, of: keys.length };
}

/** By the last day of the window: distinct values of a month would take a month of sketches to read. */
async function cardinalityOf(
  tenant: string,
  service: string,
  { from, to }: Window,
  { usage }: ScoreSources,
): Promise<{ unbounded: number; of: number } | null> {
  const day = { from: new Date(Math.max(from.getTime(), to.getTime() - DAY)), to };
  const attributes = await usage.attributes(tenant, day, { service }, MAX_ATTRIBUTES, 0);
  const of = attributes.reduce((sum, { bytes }) => sum + bytes, 0);
  const unbounded = attributes.filter(({ values, observations }) => {
    const { distinct } = values.estimate();
    return distinct >= MANY_VALUES && observations / distinct < LITTLE_REUSE;
  });
  return of === 0 ? null : { unbounded: unbounded.reduce((sum, { bytes }) => sum + bytes, 0), of };
}
