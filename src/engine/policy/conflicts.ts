import type { Policy, PolicyAction, PolicyVersion } from '../model/policy.js';
import { dropAndOther, dropAndRename, keepAndKeep, keepAndOther, namesTaken } from './set-conflicts.js';

export const CONFLICT_KINDS = ['no-effect', 'order', 'lost-value', 'twice'] as const;
export type ConflictKind = (typeof CONFLICT_KINDS)[number];

/** Two policies of a set that get in each other's way, or one that may lose a value. */
export interface PolicyConflict {
  /**
   * `no-effect`: one of them does nothing, because the other one did more. `order`: what comes out depends on which of them
   * runs first. `lost-value`: a rename onto a key that is there already, or a key that one keeps and another one does not.
   * `twice`: both do the same.
   */
  readonly kind: ConflictKind;
  /** Ids: one, or two in the order in which they run. */
  readonly policies: readonly string[];
  /** Services in which it happens, sorted. */
  readonly services: readonly string[];
  readonly location: Policy['location'];
  readonly key: string;
  /** One sentence. */
  readonly what: string;
  readonly remedy: string;
}

/** Conflicts that are listed; a set with more is broken anyway. */
export const MAX_CONFLICTS = 1_000;
/**
 * Pairs of policies that touch the same place in ways that matter; they run in the order of the list, but what drops spans
 * runs before all others and keyed hashes are made after them. Policies that mask
 * different patterns in the same value do not get in each other's way: a mask is `****`, which no later pattern of theirs
 * is about.
 *
 * @param isKnown whether a service has an attribute of a key by what was seen of it; without it only policies are looked at
 */
export function findConflicts(
  policies: readonly PolicyVersion[],
  isKnown: (service: string, location: Policy['location'], key: string) => boolean = () => false,
): PolicyConflict[] {
  const found: PolicyConflict[] = [];
  const add = (conflict: PolicyConflict | null): void => {
    if (conflict !== null && found.length < MAX_CONFLICTS) found.push(conflict);
  };
  for (const group of byLocation(policies)) {
    for (const [i, first] of group.entries()) {
      add(ontoKnown(first, isKnown));
      for (const second of group.slice(i + 1)) add(between(first, second));
    }
  }
  return found;
}

function byLocation(policies: readonly PolicyVersion[]): PolicyVersion[][] {
  const groups = new Map<string, PolicyVersion[]>();
  for (const version of policies) {
    const group = groups.get(version.policy.location) ?? [];
    groups.set(version.policy.location, group);
    group.push(version);
  }
  return [...groups.values()];
}

/** Whether two lists of environments have one in common; none are all. */
function share(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === 0 || b.length === 0 || a.some((name) => b.includes(name));
}

function between(one: PolicyVersion, other: PolicyVersion): PolicyConflict | null {
  const isSwapped = other.policy.action.kind === 'drop' && one.policy.action.kind !== 'drop';
  const [a, b] = isSwapped ? [other, one] : [one, other];
  // Of policies on sampling the first that speaks of a trace decides; the renderer says what it leaves out.
  if (a.policy.action.kind === 'sample' || b.policy.action.kind === 'sample') return null;
  const services = a.policy.services.filter((service) => b.policy.services.includes(service)).sort();
  if (services.length === 0 || !share(a.policy.environments, b.policy.environments)) return null;
  const said =
    ofSets(a.policy, b.policy) ??
    (a.policy.key === b.policy.key ? onSameKey(a.policy, b.policy) : onOtherKeys(a.policy, b.policy));
  if (said === null) return null;
  return { ...{ policies: [a.id, b.id], services, location: a.policy.location, key: a.policy.key }, ...said };
}

export type Said = Pick<PolicyConflict, 'kind' | 'what' | 'remedy'> & { readonly key?: string };

/** Of policies that act on more than one attribute: those that drop spans, and those that keep some keys only. */
function ofSets(a: Policy, b: Policy): Said | null {
  const [first, second] = [a.action, b.action];
  if (first.kind === 'drop' && second.kind === 'drop')
    return a.key === b.key ? dropAndOther(a.key, first, second) : null;
  if (first.kind === 'drop') {
    if (second.kind === 'template') return namesTaken(first, second);
    return second.kind === 'rename' && second.to === a.key ? dropAndRename(a.key, b.key) : null;
  }
  if (first.kind === 'keep' && second.kind === 'keep') return keepAndKeep(first, second);
  if (first.kind === 'keep') return keepAndOther(first, b.key, second, 'after');
  return second.kind === 'keep' ? keepAndOther(second, a.key, first, 'before') : null;
}

function onSameKey({ key, action: first }: Policy, { action: second }: Policy): Said | null {
  if ([first.kind, second.kind].some((kind) => kind === 'drop' || kind === 'keep')) return null;
  if (first.kind === 'template' || second.kind === 'template') return onSpanNames(first, second);
  if (JSON.stringify(first) === JSON.stringify(second)) {
    return { kind: 'twice', what: `Both ${VERBS[first.kind]} ${key}.`, remedy: 'Keep one of them.' };
  }
  if (first.kind === 'rename' && second.kind === 'rename') {
    const what = `${key} is renamed to ${first.to}, so the second one does not find it to rename it to ${second.to}.`;
    return { kind: 'no-effect', what, remedy: 'Keep one of them.' };
  }
  if (first.kind === 'mask-value') return afterMask(key, second);
  if (first.kind === 'delete') {
    const what = `The first one deletes ${key}, so the second one has nothing to ${VERBS[second.kind]}.`;
    return { kind: 'no-effect', what, remedy: 'Drop the second one.' };
  }
  if (first.kind === 'rename') {
    const what = `${key} is ${first.to} by then, so the second one has nothing to ${VERBS[second.kind]}.`;
    return { kind: 'order', what, remedy: `Let the second one act on ${first.to}.` };
  }
  if (second.kind === 'mask-value' || second.kind === 'delete') {
    const what = `What the first one does to ${key} is lost, since the second one is to ${VERBS[second.kind]} all of it.`;
    return { kind: 'no-effect', what, remedy: 'Drop the first one.' };
  }
  if (second.kind === 'rename' || (first.kind === 'mask' && second.kind === 'mask')) return null;
  const what = `Both change the text of ${key}; the second one sees what the first one left (${first.kind}, then ${second.kind}).`;
  return { kind: 'order', what, remedy: 'Make one policy of them, or make sure that the order is meant.' };
}

/** Of a value of which all is masked already. */
function afterMask(key: string, { kind }: PolicyAction): Said | null {
  if (kind === 'rename') return null;
  if (kind === 'delete') {
    return { kind: 'no-effect', what: `${key} is masked and then deleted.`, remedy: 'Drop the one that masks.' };
  }
  const what = `All of ${key} is masked already, so the second one has nothing to ${VERBS[kind]}.`;
  return { kind: 'no-effect', what, remedy: 'Drop the second one.' };
}

function onSpanNames(first: PolicyAction, second: PolicyAction): Said | null {
  if (first.kind !== 'template' || second.kind !== 'template' || first.template !== second.template) return null;
  const isSame = (first.name ?? first.template) === (second.name ?? second.template);
  const what = `Both have a rule for the span names of ${first.template}`;
  if (isSame) return { kind: 'twice', what: `${what}.`, remedy: 'Keep one of them.' };
  return { kind: 'no-effect', what: `${what}, and give them two names.`, remedy: 'Keep one of them.' };
}

/** A rename meets what another policy acts on, or another rename. */
function onOtherKeys(a: Policy, b: Policy): Said | null {
  const [from, to] = [a.action, b.action];
  if ([from.kind, to.kind].some((kind) => kind === 'drop' || kind === 'keep')) return null;
  if (from.kind === 'rename' && to.kind === 'rename' && from.to === to.to) {
    const what = `Both ${a.key} and ${b.key} become ${to.to}; of a span that has both, the value of ${b.key} is lost.`;
    return { kind: 'lost-value', key: to.to, what, remedy: 'Rename one of them to another key.' };
  }
  if (from.kind === 'rename' && from.to === b.key) {
    const what = `${a.key} becomes ${b.key}, on which the second one acts too: it will ${VERBS[to.kind]} both.`;
    return { kind: 'order', key: b.key, what, remedy: 'Make sure that this is meant.' };
  }
  if (to.kind === 'rename' && to.to === a.key) {
    const isFree = from.kind === 'delete' || from.kind === 'rename';
    const left = isFree ? 'is free again by then and gets' : 'does not see';
    const what = `${b.key} becomes ${a.key} after the first one has run, which ${left} its value.`;
    return { kind: 'order', key: a.key, what, remedy: `Put the rename of ${b.key} first if that is not meant.` };
  }
  return null;
}

/** The renderer keeps what is there under the new key, so the renamed value is the one that is lost. */
function ontoKnown(
  { id, policy: { location, key, services, action } }: PolicyVersion,
  isKnown: (service: string, location: Policy['location'], key: string) => boolean,
): PolicyConflict | null {
  if (action.kind !== 'rename') return null;
  const where = services.filter((service) => isKnown(service, location, action.to)).sort();
  if (where.length === 0) return null;
  return {
    ...{ kind: 'lost-value', policies: [id], services: where, location, key: action.to },
    what: `${key} becomes ${action.to}, which these services have too; of a span that has both, the value of ${key} is lost.`,
    remedy: `Look whether both are meant; if not, delete one of them or rename ${key} to another key.`,
  };
}

const VERBS: Readonly<Record<PolicyAction['kind'], string>> = {
  mask: 'mask',
  'mask-value': 'mask',
  delete: 'delete',
  hash: 'hash',
  'keyed-hash': 'hash',
  keep: 'keep',
  drop: 'drop',
  truncate: 'cut',
  rename: 'rename',
  template: 'generalise',
  sample: 'sample',
};
