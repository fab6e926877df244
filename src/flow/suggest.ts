import { hasPhrase, keyWords } from '../engine/detect/key-words.js';
import { ARRAY, MAP } from '../engine/model/location.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { type SuggestContext, suggestPolicies } from '../engine/policy/suggest.js';
import type { Detector } from '../engine/rules/detector-document.js';
import type { FindingStore, PolicyStore, SpanNameStore, UsageStore, Window } from './ports.js';
import { spanNameRules } from './span-name-rules.js';

const MAX_FINDINGS = 20_000;
const NESTED = (1 << ARRAY) | (1 << MAP);

/**
 * Findings, and the span names of a window → policies that answer them → the store. Gives the number of new or changed suggestions.
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
    isNested: ({ service, location, key }) => ((types.get(`${service}\0${location}\0${key}`) ?? 0) & NESTED) !== 0,
  };
  const suggestions = suggestPolicies(found, context, names.mined);
  return policies.offer(tenant, suggestions, found.length < MAX_FINDINGS);
}

/** Whether it was the attribute's name that gave the value away, so that all of the value is meant. */
function judgesByKey({ keywords, shape, context }: Detector, key: string): boolean {
  if (keywords.length > 0 || shape !== null || context === null) return false;
  const words = keyWords(key);
  return context.key.some((phrase) => hasPhrase(words, phrase));
}
