import type { Policy, ProblemDocument } from '../../edge/serve/contract.js';
import { DEFAULT_SET } from './policy-set-queries.js';

type Action = Policy['action'];
export type Location = Policy['location'];
/** What people write here; sampling has routes of its own. */
export type WrittenKind = Exclude<Action['kind'], 'sample'>;

export interface PatternRow {
  readonly detector: string;
  readonly pattern: string;
}

/** A policy as it is written: the fields of all actions, of which those of its kind are sent. */
export interface PolicyDraft {
  readonly policySet: string;
  readonly title: string;
  readonly reason: string;
  readonly location: Location;
  readonly key: string;
  readonly services: readonly string[];
  readonly kind: WrittenKind;
  readonly patterns: readonly PatternRow[];
  readonly length: string;
  readonly to: string;
  readonly keys: readonly string[];
  readonly match: string;
  readonly keepErrors: boolean;
  readonly template: string;
  readonly name: string;
  readonly except: readonly string[];
}

const NO_PATTERN: PatternRow = { detector: '', pattern: '' };
const EMPTY: PolicyDraft = {
  ...{ policySet: DEFAULT_SET, title: '', reason: '', location: 'span', key: '', services: [], kind: 'mask-value' },
  ...{ patterns: [NO_PATTERN], length: '200', to: '', keys: [], match: '', keepErrors: true },
  ...{ template: '', name: '', except: [] },
};

/** Keys that follow from the location, or from the action. */
const FIXED: Readonly<Partial<Record<Location, string>>> = {
  span_name: 'span.name',
  status: 'otel.status_description',
};

export function fixedKey({ location, kind }: Pick<PolicyDraft, 'location' | 'kind'>): string | undefined {
  return kind === 'keep' ? '*' : FIXED[location];
}

/** What is in a policy, to be changed; nothing for a new one. */
export function draftOf(policy: Policy | null): PolicyDraft {
  if (policy === null || policy.action.kind === 'sample') return EMPTY;
  const { kind, ...fields } = policy.action;
  const { title, reason, location, key, services, policy_set: policySet } = policy;
  const texts = 'length' in fields ? { length: String(fields.length) } : fields;
  return { ...EMPTY, ...{ policySet, title, reason, location, key, services }, ...texts, kind };
}

/** The policy as the API takes it. */
export function bodyOf(draft: PolicyDraft): object {
  const { policySet, title, reason, location, key, services } = draft;
  return {
    ...{ policy_set: policySet, title: title.trim(), reason: reason.trim(), location, services },
    ...{ key: fixedKey(draft) ?? key, action: { kind: draft.kind, ...fieldsOf(draft) } },
  };
}

function fieldsOf(draft: PolicyDraft): object {
  const except = draft.except.length === 0 ? {} : { except: draft.except };
  switch (draft.kind) {
    case 'mask':
      return { patterns: draft.patterns.map(({ detector, pattern }) => ({ ...(detector && { detector }), pattern })) };
    case 'truncate':
      return { length: Number(draft.length) };
    case 'rename':
      return { to: draft.to };
    case 'keep':
      return { keys: draft.keys };
    case 'drop':
      return { match: draft.match, keepErrors: draft.keepErrors, ...except };
    case 'template':
      return { template: draft.template, ...(draft.name !== '' && { name: draft.name }), ...except };
    default:
      return {};
  }
}

/** Where an action can be; in the order in which they are offered. */
export function locationsOf(kind: WrittenKind): readonly Location[] {
  if (kind === 'template') return ['span_name'];
  if (kind === 'drop') return ['span_name', 'span', 'scope', 'resource'];
  if (kind === 'keep' || kind === 'keyed-hash') return ['span', 'event', 'scope', 'resource'];
  return ['span', 'event', 'scope', 'resource', 'span_name', 'status'];
}

/** The draft with another action, at a place where that can be. */
export function withKind(draft: PolicyDraft, kind: WrittenKind): PolicyDraft {
  const locations = locationsOf(kind);
  return { ...draft, kind, location: locations.includes(draft.location) ? draft.location : locations[0]! };
}

/** Problems of the API by field, as `title` or `action.patterns.0.pattern`; the rest has no field here. */
export function problemsByField(problems: ProblemDocument['errors'], fields: ReadonlySet<string>) {
  const byField = new Map<string, string>();
  const rest: ProblemDocument['errors'] = [];
  for (const problem of problems) {
    const place = problem.where.split(/[.:[\]\s]+/).filter((part) => part !== '');
    const whole = place.slice(1).join('.');
    // Of a list that is one field here each item is named.
    const field = fields.has(whole) ? whole : whole.replace(/\.\d+$/, '');
    if (place[0] !== 'body' || !fields.has(field)) rest.push(problem);
    else if (!byField.has(field)) byField.set(field, `${problem.what}; allowed is ${problem.allowed}`);
  }
  return { byField, rest };
}

/** Whether a field of the draft is still without a text. */
export function isEmpty(draft: PolicyDraft, field: string): boolean {
  const name = field.replace(/^action\./, '');
  const value: unknown = name.startsWith('patterns.')
    ? draft.patterns[Number(name.split('.')[1])]?.pattern
    : draft[name as keyof PolicyDraft];
  return typeof value === 'string' && value.trim() === '';
}

/** Names of the fields that a draft shows, as the API names them. */
export function fieldNames({ kind, patterns, location }: PolicyDraft): ReadonlySet<string> {
  const ofAction: Readonly<Partial<Record<WrittenKind, readonly string[]>>> = {
    mask: patterns.map((_, i) => `patterns.${i}.pattern`),
    truncate: ['length'],
    rename: ['to'],
    keep: ['keys'],
    drop: location === 'span_name' ? ['match', 'except'] : ['match'],
    template: ['template', 'name', 'except'],
  };
  const names = ['policy_set', 'title', 'reason', 'location', 'services', 'action.kind'];
  if (fixedKey({ kind, location }) === undefined) names.push('key');
  return new Set([...names, ...(ofAction[kind] ?? []).map((name) => `action.${name}`)]);
}
