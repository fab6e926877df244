import type { ConventionRegistry } from './registry.js';
import { isSql } from './span-name.js';
import { type Area, CLIENT } from './span-name-area.js';

/** An attribute that should hold what a span name must not. */
export interface IdAttribute {
  readonly key: string;
  /** `convention` where the semantic conventions have the key, `proposal` where it is made from the word before the id. */
  readonly source: 'convention' | 'proposal';
}

const MAX_ATTRIBUTES = 4;
/** Words before an id that say what is done, or that a number follows, and not what the id is of. */
const NO_NOUNS = new Set(
  (
    'load get fetch find read write put set add process handle run execute exec start stop create make update change delete ' +
    'remove send receive publish consume import export sync render compute calculate check validate retry poll call ' +
    'invoke query select insert do show list open close save store push pull upload download ship for by of to from in ' +
    'on at with the a an and or id ids no nr number key name v api'
  ).split(' '),
);

/**
 * Attributes for the ids of a name: those in which the conventions of its area hold them, then one for each id by the
 * word before it, `user.id` for `load user {id}`. At most four.
 */
export function idAttributes(template: string, area: Area, kind: number, registry: ConventionRegistry): IdAttribute[] {
  const keys = new Set<string>();
  const has = (placeholder: string): boolean => template.includes(placeholder);
  if (isSql(template)) return [{ key: 'db.query.text', source: 'convention' }];
  if (has('{query}')) keys.add('url.query');
  if (has('{id}') || has('{value}')) {
    for (const key of byArea(area, kind)) keys.add(key);
    // Who calls an RPC or names an operation says nothing of what an id in it is of.
    if (area !== 'rpc' && area !== 'graphql') for (const key of byWords(template)) keys.add(key);
  }
  return [...keys].slice(0, MAX_ATTRIBUTES).map((key) => {
    const known = registry.find(key);
    return { key, source: known !== undefined && known.attribute.deprecated === undefined ? 'convention' : 'proposal' };
  });
}

function byArea(area: Area, kind: number): readonly string[] {
  switch (area) {
    case 'http':
      return [kind === CLIENT ? 'url.full' : 'url.path'];
    case 'database':
      return ['db.collection.name'];
    case 'messaging':
      return ['messaging.destination.name'];
    case 'rpc':
      return ['rpc.method'];
    case 'graphql':
      return ['graphql.operation.name'];
    default:
      return [];
  }
}

function byWords(template: string): string[] {
  const keys: string[] = [];
  for (const match of template.matchAll(/\{(id|value)\}/g)) {
    const words = template
      .slice(0, match.index)
      .replace(/\{[^{}]*\}/g, ' ')
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length > 1 && !NO_NOUNS.has(word));
    keys.push(`${singular(words.at(-1) ?? 'item')}.${match[1] === 'id' ? 'id' : 'name'}`);
  }
  return keys;
}

function singular(noun: string): string {
  if (/(?:ss|us|is)$/.test(noun)) return noun;
  if (/ies$/.test(noun)) return noun.replace(/ies$/, 'y');
  return noun.replace(/(?<=x|ch|sh|ss)es$|s$/, '');
}
