import { budgetOf } from '../engine/cardinality/budget.js';
import { type AttributeSuggestion, suggestForAttribute, TRUNCATE_TO } from '../engine/cardinality/suggestions.js';
import type { Growth } from '../engine/model/growth.js';
import { type Location, STRING } from '../engine/model/location.js';
import type { PolicyAction } from '../engine/model/policy.js';
import { judgeSteps } from './cardinality.js';
import { teamsByService } from './costs.js';
import type {
  AttributeEmitter,
  AttributePlace,
  AttributeSeries,
  AttributeStep,
  AttributeStore,
  UsageStore,
  Window,
} from './ports.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX_EMITTERS = 100;

export interface CardQuestion {
  readonly service: string;
  readonly key: string;
  readonly environment?: string | undefined;
  readonly location?: Location | undefined;
}

/** What is known of the key beside its counts. */
export interface KeyFacts {
  readonly isSensitive: boolean;
  readonly isKnown: boolean;
}

export interface CardDay {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly observations: number;
  /** Of the window from its beginning to the end of the day. */
  readonly distinct: number;
  readonly standardError: number;
  readonly newValues: number;
}

/** An attribute of a service over a window, all in one place. */
export interface AttributeCard {
  readonly places: readonly AttributePlace[];
  readonly team: string;
  readonly observations: number;
  readonly bytes: number;
  readonly distinct: number;
  readonly standardError: number;
  readonly growth: Growth;
  readonly days: readonly CardDay[];
  readonly types: number;
  readonly shapes: readonly string[];
  /** Null where no span has it itself. */
  readonly shareOfSpans: number | null;
  readonly shareOfBytes: number;
  /** Milliseconds from the first of its hours in the window to the end. */
  readonly seenFor: number;
  readonly emitters: readonly (AttributeEmitter & { readonly team: string })[];
  readonly budget: ReturnType<typeof budgetOf>;
  readonly isOverBudget: boolean;
  readonly suggestions: readonly (AttributeSuggestion & { readonly location: Location })[];
}

/** Null where the window has no such attribute. */
export async function attributeCard(
  tenant: string,
  { service, key, environment, location }: CardQuestion,
  window: Window,
  facts: KeyFacts,
  { attributes, usage }: { readonly attributes: AttributeStore; readonly usage: UsageStore },
): Promise<AttributeCard | null> {
  const all = await attributes.placesOf(tenant, service, key, window);
  const places = all.filter((place) => fits(environment, place.environment) && fits(location, place.location));
  if (places.length === 0) return null;
  const [series, emitters, teams, services, budgets] = await Promise.all([
    attributes.series(tenant, window, places),
    attributes.emitters(tenant, key, window, MAX_EMITTERS),
    teamsByService(tenant, usage),
    usage.usage(tenant, window),
    attributes.budgets(tenant),
  ]);
  const environments = new Set(places.map((place) => place.environment));
  const own = services.filter((row) => row.service === service && environments.has(row.environment));
  const spans = own.reduce((sum, row) => sum + row.spans, 0);
  const serviceBytes = own.reduce((sum, row) => sum + row.bytes, 0);
  const steps = togetherByTime(series);
  const { growth, observations, bytes, points } = judgeSteps(steps);
  const { distinct, standardError } = points.at(-1)!;
  const team = teams.get(service) ?? '';
  const budget = budgetOf({ team, service, key, class: growth.class }, budgets);
  const onSpans = series.filter((s) => s.location === 'span').flatMap((s) => s.steps);
  const isInResource = all.some((place) => place.location === 'resource');
  return {
    ...{ places, team, observations, bytes, distinct, standardError, growth },
    days: daysOf(steps, points),
    types: steps.reduce((sum, step) => sum | step.types, 0),
    shapes: shapesOf(steps),
    shareOfSpans: onSpans.length === 0 || spans === 0 ? null : Math.min(1, sumOf(onSpans) / spans),
    shareOfBytes: serviceBytes === 0 ? 0 : bytes / serviceBytes,
    seenFor: Math.max(HOUR, window.to.getTime() - steps[0]!.start.getTime()),
    emitters: emitters.map((row) => ({ ...row, team: teams.get(row.service) ?? '' })),
    budget,
    isOverBudget: budget !== null && distinct * (1 - 1.96 * standardError) > budget.maxDistinct,
    suggestions: suggestionsFor(series, { key, spans, serviceBytes, isInResource, ...facts }),
  };
}

/** What a collector can do of it; null where it is for the code to do. */
export function actionOf({ action }: AttributeSuggestion): PolicyAction | null {
  if (action === 'drop') return { kind: 'delete' };
  if (action === 'hash') return { kind: 'hash' };
  return action === 'truncate' ? { kind: 'truncate', length: TRUNCATE_TO } : null;
}

function fits<T>(wanted: T | undefined, is: T): boolean {
  return wanted === undefined || wanted === is;
}

/** The steps of all places, those that begin together as one. */
function togetherByTime(series: readonly AttributeSeries[]): AttributeStep[] {
  const together = new Map<number, AttributeStep>();
  for (const step of series.flatMap(({ steps }) => steps)) {
    const known = together.get(step.start.getTime());
    together.set(step.start.getTime(), known === undefined ? step : sumOfSteps(known, step));
  }
  return [...together.values()].sort((a, b) => a.start.getTime() - b.start.getTime());
}

function sumOfSteps(a: AttributeStep, b: AttributeStep): AttributeStep {
  const values = a.values.clone();
  values.merge(b.values);
  return {
    start: a.start,
    observations: a.observations + b.observations,
    bytes: a.bytes + b.bytes,
    types: a.types | b.types,
    shapes: shapesOf([a, b]),
    values,
  };
}

function shapesOf(steps: readonly AttributeStep[]): string[] {
  return [...new Set(steps.flatMap(({ shapes }) => shapes))].sort().slice(0, MAX_SHAPES);
}
const MAX_SHAPES = 8;

function sumOf(steps: readonly AttributeStep[]): number {
  return steps.reduce((sum, { observations }) => sum + observations, 0);
}

function daysOf(steps: readonly AttributeStep[], points: ReturnType<typeof judgeSteps>['points']): CardDay[] {
  const days = new Map<number, { observations: number; distinct: number; standardError: number }>();
  for (const [i, { start, observations }] of steps.entries()) {
    const day = Math.floor(start.getTime() / DAY);
    const { distinct, standardError } = points[i]!;
    days.set(day, { observations: (days.get(day)?.observations ?? 0) + observations, distinct, standardError });
  }
  let before = 0;
  return [...days].map(([day, counts]) => {
    const newValues = Math.max(0, counts.distinct - before);
    before = Math.max(before, counts.distinct);
    return { day: new Date(day * DAY).toISOString().slice(0, 10), ...counts, newValues };
  });
}

interface SuggestionFacts extends KeyFacts {
  readonly key: string;
  readonly spans: number;
  readonly serviceBytes: number;
  readonly isInResource: boolean;
}

/** For each location apart: what is right for the resource is not for spans. */
function suggestionsFor(series: readonly AttributeSeries[], facts: SuggestionFacts) {
  const locations = [...new Set(series.map(({ location }) => location))];
  return locations.flatMap((location) => {
    const steps = togetherByTime(series.filter((one) => one.location === location));
    const { growth, observations, bytes, points } = judgeSteps(steps);
    const { serviceBytes, ...rest } = facts;
    const suggested = suggestForAttribute({
      ...{ ...rest, location, class: growth.class, observations, bytes, distinct: points.at(-1)!.distinct },
      shareOfBytes: serviceBytes === 0 ? 0 : bytes / serviceBytes,
      shapes: shapesOf(steps),
      isText: steps.every(({ types }) => (types & ~(1 << STRING) & ~1) === 0),
      isInResource: facts.isInResource && location !== 'resource',
    });
    return suggested.map((suggestion) => ({ ...suggestion, location }));
  });
}
