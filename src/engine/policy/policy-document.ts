import { LOCATIONS } from '../model/location.js';
import {
  POLICY_STATES,
  type Policy,
  type PolicyAction,
  type PolicyVersion,
  type RedactionPattern,
} from '../model/policy.js';
import { type Problem, problem } from '../problem.js';
import { asObject, DocumentReader } from '../rules/document-reader.js';
import { readSampleAction } from './sampling-document.js';

const MAX_POLICIES = 1_000;
const MAX_LENGTH = 1_000;
const MAX_KEYS = 1_000;
const KINDS = [
  ...(['mask', 'mask-value', 'delete', 'hash', 'keyed-hash', 'truncate', 'rename'] as const),
  ...(['keep', 'drop', 'template', 'sample'] as const),
];
/** Keys of policies that are about no single one. */
const KEYLESS: Readonly<Record<string, string>> = { keep: '*', sample: 'trace_id' };
const NAME = /^.{1,256}$/su;

/**
 * Reads policies as the API shows them: one, a list of them, or a page `{data: […]}`. Needed are `location`, `key`,
 * `services` and `action`; what else the API shows of a policy is taken where it says something, and other fields are left
 * alone.
 *
 * @param before policies of other files; those without an id are numbered on
 * @returns all problems at once, which name fields and no values
 */
export function readPolicies(
  file: string,
  content: unknown,
  before = 0,
): { policies: PolicyVersion[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const { data } = asObject(content) ?? {};
  const list = Array.isArray(content) ? content : Array.isArray(data) ? data : [content];
  if (list.length === 0 || list.length > MAX_POLICIES) {
    problems.push(problem('policy', file, `${list.length} policies`, `1 to ${MAX_POLICIES} policies`));
    return { policies: [], problems };
  }
  const policies = list.map((item, i) => {
    const place = list.length === 1 ? file : `${file}: [${i}]`;
    return readPolicy(new DocumentReader(place, item, problems), before + i);
  });
  const ids = new Set<string>();
  for (const [i, { id }] of policies.entries()) {
    if (ids.has(id)) problems.push(problem('policy', `${file}: [${i}]: id`, 'given twice', 'an id of its own'));
    ids.add(id);
  }
  return { policies, problems };
}

function readPolicy(r: DocumentReader, index: number): PolicyVersion {
  const optional = (field: string, otherwise: string): string => (r.has(field) ? r.text(field) : otherwise);
  const kind = asObject(r.value('action'))?.kind;
  const location = r.oneOf('location', LOCATIONS, 'span', kind === 'sample');
  const key = !r.has('key') && typeof kind === 'string' ? (KEYLESS[kind] ?? exact(r, 'key')) : exact(r, 'key');
  const services = r.texts('services');
  const environments = r.has('environments') ? r.texts('environments') : [];
  const action = readAction(r.nested('action'));
  const wrong = wrongPlace(action, location);
  if (wrong !== null) r.report('action', `kind ${action.kind}`, wrong);
  if (environments.length > 0 && action.kind === 'sample') {
    r.report('environments', 'given', 'none beside the environment of the action');
  }
  // Sampling alone may be of all services.
  if (services.length === 0 && action.kind !== 'sample') {
    r.report('services', 'empty', 'names of services, at least one');
  }
  const id = optional('id', `policy-${index + 1}`);
  const version = r.has('version') ? r.number('version', 1, Number.MAX_SAFE_INTEGER) : 1;
  const policy: Policy = {
    ...{ cause: id, title: optional('title', id), reason: optional('reason', '') },
    ...{ location, key, services, action, findings: [] },
    ...(environments.length > 0 && { environments: [...environments].sort() }),
  };
  const state = r.value('state');
  return { id, version, state: POLICY_STATES.find((known) => known === state) ?? 'suggested', policy };
}

/** Where an action can be, if not here. */
function wrongPlace({ kind }: PolicyAction, location: Policy['location']): string | null {
  if (kind === 'template') return location === 'span_name' ? null : 'for span names only';
  if (kind === 'drop')
    return location === 'event' || location === 'link' ? 'for spans, not their events and links' : null;
  if (kind !== 'keep' && kind !== 'keyed-hash') return null;
  return location === 'span_name' || location === 'status' ? 'for attributes only' : null;
}

/** Keys may begin with a space: what is written is taken as it is. */
function exact(r: DocumentReader, field: string): string {
  const value = r.value(field);
  if (typeof value === 'string') return value;
  r.report(field, value === undefined ? 'missing' : 'wrong type', 'text');
  return '';
}

function readAction(r: DocumentReader): PolicyAction {
  const kind = r.oneOf('kind', KINDS, 'delete');
  if (kind === 'mask') {
    const patterns = r.list('patterns', readPattern);
    if (patterns.length === 0) r.report('patterns', 'empty', 'a list of patterns, at least one');
    return { kind, patterns };
  }
  if (kind === 'truncate') return { kind, length: r.has('length') ? r.number('length', 1, MAX_LENGTH) : missing(r) };
  if (kind === 'rename') return { kind, to: r.text('to', NAME, 'the new key') };
  if (kind === 'keep') return { kind, keys: readKeys(r) };
  if (kind === 'drop') return readDrop(r);
  if (kind === 'sample') return readSampleAction(r);
  if (kind !== 'template') return { kind };
  const except = r.texts('except');
  return {
    ...{ kind, template: r.text('template', NAME, 'a template of span names') },
    ...(r.has('name') && { name: r.text('name', NAME, 'a span name') }),
    ...(except.length > 0 && { except }),
  };
}

function readKeys(r: DocumentReader): string[] {
  const keys = [...new Set(r.texts('keys'))];
  const allowed = `1 to ${MAX_KEYS} keys`;
  if (keys.length === 0) r.report('keys', 'empty', allowed);
  if (keys.length > MAX_KEYS) r.report('keys', `${keys.length} keys`, allowed);
  return keys;
}

function readDrop(r: DocumentReader): PolicyAction {
  const except = r.texts('except');
  return {
    ...{ kind: 'drop', match: exact(r, 'match') },
    ...(except.length > 0 && { except }),
    keepErrors: r.flag('keepErrors', true),
  };
}

function missing(r: DocumentReader): number {
  r.report('length', 'missing', `a number from 1 to ${MAX_LENGTH}`);
  return MAX_LENGTH;
}

function readPattern(r: DocumentReader): RedactionPattern {
  const detector = r.has('detector') ? r.text('detector') : '';
  return { detector, pattern: exact(r, 'pattern') };
}
