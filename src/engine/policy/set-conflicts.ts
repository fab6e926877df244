import type { DropAction, KeepAction, PolicyAction, SpanNameAction } from '../model/policy.js';
import type { Said } from './conflicts.js';
import { takenBy } from './span-name-pattern.js';

const isWithin = (some: readonly string[], all: readonly string[]): boolean => some.every((key) => all.includes(key));

/** Two lists of keys of the same location: only what both have stays. */
export function keepAndKeep({ keys: first }: KeepAction, { keys: second }: KeepAction): Said | null {
  if (isWithin(first, second) && isWithin(second, first)) {
    return { kind: 'twice', what: 'Both keep the same keys.', remedy: 'Keep one of them.' };
  }
  if (isWithin(first, second)) {
    return { kind: 'no-effect', what: 'The first one keeps fewer keys already.', remedy: 'Drop the second one.' };
  }
  if (isWithin(second, first)) {
    return { kind: 'no-effect', what: 'The second one keeps fewer keys.', remedy: 'Drop the first one.' };
  }
  const lost = [...first.filter((key) => !second.includes(key)), ...second.filter((key) => !first.includes(key))];
  const what = `Only keys that both keep stay; ${listOf(lost)} are kept by one of them and lost.`;
  return { kind: 'lost-value', what, remedy: 'Make one list of them.' };
}

/** A list of keys and a policy on one key of the same location, which runs before the list or after it. */
export function keepAndOther(
  { keys }: KeepAction,
  key: string,
  action: PolicyAction,
  when: 'before' | 'after',
): Said | null {
  if (action.kind === 'rename' && when === 'before') {
    if (keys.includes(action.to)) return null;
    const what = `${key} becomes ${action.to}, which the second one does not keep.`;
    return { kind: 'lost-value', key: action.to, what, remedy: `Add ${action.to} to the keys that stay.` };
  }
  if (keys.includes(key)) {
    if (action.kind !== 'delete') return null;
    return {
      kind: 'order',
      key,
      what: `One keeps ${key} and the other one deletes it.`,
      remedy: `Take ${key} off the list.`,
    };
  }
  const what = `${key} is not among the keys that stay, so the other policy has nothing to act on.`;
  return { kind: 'no-effect', key, what, remedy: `Add ${key} to the keys that stay, or drop the policy on it.` };
}

/** Two policies that drop spans by the same key. */
export function dropAndOther(key: string, first: DropAction, second: DropAction): Said | null {
  const isSame = first.match === second.match;
  if (!isSame && (key !== 'span.name' || takenBy(first.match, [second.match]).length === 0)) return null;
  const what = isSame
    ? `Both drop spans by ${key} for ${first.match}.`
    : `The first one drops what the second one is about.`;
  const isEqual = JSON.stringify(first) === JSON.stringify(second);
  return { kind: isEqual ? 'twice' : 'no-effect', what, remedy: 'Keep one of them.' };
}

/** Spans are dropped before their attributes are renamed. */
export function dropAndRename(key: string, from: string): Said {
  const what = `Spans are dropped by ${key} before ${from} is renamed to it, so those with ${from} stay.`;
  return { kind: 'order', key, what, remedy: `Drop spans by ${from} as well.` };
}

/** Spans are dropped by the names that they come with. */
export function namesTaken({ match }: DropAction, { template, name = template }: SpanNameAction): Said | null {
  if (match === template || takenBy(match, [template]).length > 0) {
    const what = `Spans of ${match} are dropped, so none are left to be named ${name}.`;
    return { kind: 'no-effect', what, remedy: 'Drop the policy on the name.' };
  }
  if (match !== name) return null;
  const what = `Spans are dropped by the names that they come with, before those of ${template} become ${name}.`;
  return { kind: 'order', what, remedy: `Drop spans of ${template} if that is meant.` };
}

function listOf(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).join(', ');
  return keys.length > 5 ? `${shown} and ${keys.length - 5} more` : shown;
}
