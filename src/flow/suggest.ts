import { hasPhrase, keyWords } from '../engine/detect/key-words.js';
import { ARRAY, MAP } from '../engine/model/location.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { type StoredFinding, type SuggestContext, suggestPolicies } from '../engine/policy/suggest.js';
import { isTwin, suggestFromUsage, type UsedAttribute } from '../engine/policy/suggest-usage.js';
import type { Detector } from '../engine/rules/detector-document.js';
import type { FindingStore, PolicyStore, SpanNameStore, UsageStore, Window } from './ports.js';
import { spanNameRules } from './span-name-rules.js';
import { usageFacts } from './suggest-usage.js';

const MAX_FINDINGS = 20_000;
const NESTED = (1 << ARRAY) | (1 << MAP);

/**
 * Findings, and the span names and attributes of a window → policies that answer them → the store. Gives the number of new
 * or changed suggestions.
 */
export async function suggest(
  tenant: string,
  findings: FindingStore,
  usage: UsageStore,
  policies: PolicyStore,
  detectors: readonly Detector[],
  conventions: ConventionRegistry,
  spanNames: SpanNameStore,
  window: Window,
): Promise<number> {
  const found = await findings.answerable(tenant, MAX_FINDINGS);
  const types = await usage.attributeTypes(tenant);
  const names = await spanNameRules(tenant, window, spanNames, conventions);
  const used = await usageFacts(tenant, window, { usage, spanNames, conventions });
  const byPlace = new Map(used.attributes.map((row) => [placeOf(row), row]));
  const byId = new Map(detectors.map((detector) => [detector.id, detector]));
  const context: SuggestContext = {
    ...names,
    pattern: ({ detector: id, key }) => {
      const detector = byId.get(id);
      return detector === undefined || judgesByKey(detector, key) ? undefined : detector.pattern;
    },
    validates: (id) => (byId.get(id)?.validators.length ?? 0) > 0,
    renamedTo: (key) =>
      conventions.renamedTo(key) ?? (conventions.find(key) === undefined ? conventions.sameLetters(key) : undefined),
    isNested: (finding) => ((types.get(placeOf(finding)) ?? 0) & NESTED) !== 0,
    isTwin: (finding) => finding.detector === 'deprecated' && isSentTwice(finding, byPlace, conventions),
    usageOf: (finding) => byPlace.get(placeOf(finding)),
  };
  const answers = suggestPolicies(found, context, names.mined);
  const taken = new Set(
    answers.flatMap(({ services, location, key }) => services.map((s) => placeOf({ service: s, location, key }))),
  );
  const deprecated = new Map<string, string[]>();
  for (const finding of found.filter(({ detector }) => detector === 'deprecated')) {
    deprecated.set(placeOf(finding), [...(deprecated.get(placeOf(finding)) ?? []), finding.id]);
  }
  const wasted = suggestFromUsage(
    { ...used, findingsOf: (service, location, key) => deprecated.get(placeOf({ service, location, key })) ?? [] },
    (service, location, key) => taken.has(placeOf({ service, location, key })),
  );
  const suggestions = [...answers, ...wasted];
  return policies.offer(tenant, suggestions, found.length < MAX_FINDINGS);
}

function placeOf({ service, location, key }: Pick<StoredFinding, 'service' | 'location' | 'key'>): string {
  return `${service}\0${location}\0${key}`;
}

/** Whether the attribute is there under the name that replaced its own, too. */
function isSentTwice(
  { service, location, key }: StoredFinding,
  byPlace: ReadonlyMap<string, UsedAttribute>,
  conventions: ConventionRegistry,
): boolean {
  const old = byPlace.get(placeOf({ service, location, key }));
  const successor = conventions.renamedTo(key);
  if (old === undefined || successor === undefined) return false;
  return isTwin(old, byPlace.get(placeOf({ service, location, key: successor })));
}

/** Whether it was the attribute's name that gave the value away, so that all of the value is meant. */
function judgesByKey({ keywords, shape, context }: Detector, key: string): boolean {
  if (keywords.length > 0 || shape !== null || context === null) return false;
  const words = keyWords(key);
  return context.key.some((phrase) => hasPhrase(words, phrase));
}
