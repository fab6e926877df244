import { idAttributes } from '../engine/naming/id-attribute.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { areaOf } from '../engine/naming/span-name-area.js';
import { suggestedName } from '../engine/naming/span-name-rules.js';
import { takenBy } from '../engine/policy/span-name-pattern.js';
import type { MinedTemplate, SpanNameRule, SuggestContext } from '../engine/policy/suggest.js';
import type { SpanNameStore, Window } from './ports.js';
import { MAX_TEMPLATES, TemplateMiner } from './span-names.js';

/** A rule that must leave more names alone than this says little, and there is none. */
const MAX_EXCEPT = 50;

/** What suggestions want to know of the span names of a window. */
export type SpanNameRules = Pick<SuggestContext, 'templateOf' | 'spanNameRule'> & {
  /** Templates in which words without the form of an id turned out to be values. */
  readonly mined: readonly MinedTemplate[];
};

interface KnownTemplate {
  readonly services: Set<string>;
  readonly kind: number;
  names: number;
}

export async function spanNameRules(
  tenant: string,
  window: Window,
  store: SpanNameStore,
  conventions: ConventionRegistry,
): Promise<SpanNameRules> {
  const counts = await store.counts(tenant, window, {}, MAX_TEMPLATES);
  const miner = new TemplateMiner(counts);
  /** By service and what is stored: the template. Names of several kinds differ in it hardly ever, and then either will do. */
  const templates = new Map<string, string>();
  const byService = new Map<string, Set<string>>();
  const known = new Map<string, KnownTemplate>();
  for (const count of counts) {
    const template = miner.templateOf(count);
    templates.set(`${count.service}\0${count.template}`, template);
    const ofService = byService.get(count.service) ?? new Set();
    byService.set(count.service, ofService.add(template));
    const row = known.get(template) ?? { services: new Set<string>(), kind: count.spanKind, names: 0 };
    if (template !== count.template) row.names++;
    if (template !== count.template) row.services.add(count.service);
    known.set(template, row);
  }
  const spanNameRule = (template: string, services: readonly string[]): SpanNameRule | null => {
    const name = suggestedName({ template });
    const others = new Set(services.flatMap((service) => [...(byService.get(service) ?? [])]));
    const except = takenBy(template, [...others]);
    if (name === null || except.length > MAX_EXCEPT) return null;
    const kind = known.get(template)?.kind ?? 0;
    const attributes = idAttributes(template, areaOf(template, kind), kind, conventions).map(({ key }) => key);
    return { name, except, attributes };
  };
  const mined = [...known]
    .filter(([template, { names }]) => names > 0 && template.includes('{value}'))
    .map(([template, { services, names }]) => ({ template, services: [...services].sort(), names }));
  return { templateOf: (service, name) => templates.get(`${service}\0${name}`) ?? name, spanNameRule, mined };
}
