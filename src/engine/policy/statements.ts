import { CANARY_ID } from '../model/own-keys.js';
import type { Policy, PolicyAction } from '../model/policy.js';
import { HASH_MARK } from './keyed-hash.js';
import { MASK, maskReplacement, type PatternReplacement } from './replacement.js';
import { spanNamePattern } from './span-name-pattern.js';

/*
 * What policies do, as statements of the transform processor of the OpenTelemetry Collector before they are written
 * down: the target writes them, the simulator carries them out, so that both mean the same.
 */

/** In the order in which the contexts are processed, each of them over all of a request. */
export const CONTEXTS = ['resource', 'scope', 'span', 'spanevent'] as const;
export type Context = (typeof CONTEXTS)[number];

export type FieldPath =
  | 'span.name'
  | 'span.status.message'
  | 'span.trace_state'
  | 'spanevent.name'
  | 'scope.name'
  | 'scope.version'
  | 'resource.schema_url'
  | 'scope.schema_url';
export interface AttributePath {
  readonly of: Context;
  readonly key: string;
}
export type Path = FieldPath | AttributePath;

export interface Guard {
  readonly is: 'present' | 'absent' | 'filled' | 'text';
  readonly path: Path;
}

export type Operation =
  | ({ readonly kind: 'replace'; readonly target: Path } & PatternReplacement)
  | { readonly kind: 'set'; readonly target: Path; readonly text: string }
  /** SHA-256 in hexadecimal. */
  | { readonly kind: 'hash'; readonly target: Path }
  | { readonly kind: 'copy'; readonly target: AttributePath; readonly from: AttributePath }
  | { readonly kind: 'delete'; readonly target: AttributePath }
  /** The mark is put before the text; the processor redaction hashes both. */
  | { readonly kind: 'mark'; readonly target: AttributePath; readonly mark: string }
  /** Attributes with other keys go. */
  | { readonly kind: 'keep'; readonly of: Context; readonly keys: readonly string[] };

/** An operation that is carried out where all guards hold, in some services, but for span names of these patterns. */
export interface Statement {
  readonly operation: Operation;
  readonly guards: readonly Guard[];
  readonly services: readonly string[];
  /** None for all. */
  readonly environments: readonly string[];
  readonly exceptNames: readonly string[];
}

const CONTEXT_OF: Readonly<Record<Policy['location'], Context | null>> = {
  resource: 'resource',
  scope: 'scope',
  span: 'span',
  span_name: 'span',
  status: 'span',
  event: 'spanevent',
  link: null,
};

/** Fields of OTLP messages that are kept under a key as if they were attributes, and their paths in OTTL. */
const FIELD_PATHS: Readonly<Record<string, FieldPath>> = {
  'span_name span.name': 'span.name',
  'status otel.status_description': 'span.status.message',
  'span tracestate': 'span.trace_state',
  'event event.name': 'spanevent.name',
  'scope otel.scope.name': 'scope.name',
  'scope otel.scope.version': 'scope.version',
  'resource schema_url': 'resource.schema_url',
  'scope schema_url': 'scope.schema_url',
};
/** Of a pattern in RE2. */
const MAX_REPEAT = 1000;

export function locationContext(location: Policy['location']): Context | null {
  return CONTEXT_OF[location];
}

/** The field that is kept under a key of a location as if it were an attribute. */
export function fieldPath(location: Policy['location'], key: string): FieldPath | undefined {
  return FIELD_PATHS[`${location} ${key}`];
}

export interface PolicyStatements {
  readonly context: Context;
  /** At least one. */
  readonly statements: readonly Statement[];
}

/** The statements of a policy and the context that they run in, or why there are none. */
export function statementsOf(policy: Policy): PolicyStatements | { readonly reason: string } {
  const { action, location, services, environments = [] } = policy;
  const context = CONTEXT_OF[location];
  if (context === null) return { reason: 'the transform processor does not reach links' };
  if (services.length === 0) return { reason: 'it names no services' };
  if (action.kind === 'sample' || action.kind === 'drop') return { reason: 'the transform processor drops no spans' };
  const plain = (operation: Operation, ...guards: Guard[]): Statement => ({
    ...{ operation, guards, services, environments },
    exceptNames: action.kind === 'template' ? (action.except ?? []).map(spanNamePattern) : [],
  });
  if (action.kind === 'template') {
    if (location !== 'span_name') return { reason: 'templates are for span names only' };
    const [regex, replacement] = [spanNamePattern(action.template), [action.name ?? action.template]];
    return { context, statements: [plain({ kind: 'replace', target: 'span.name', regex, replacement })] };
  }
  if (action.kind === 'keep') {
    if (!hasAttributes(location)) return { reason: 'a list of keys to keep is for attributes' };
    return { context, statements: [plain({ kind: 'keep', of: context, keys: keptKeys(location, action.keys) })] };
  }
  return ofPlace(policy, action, context, plain);
}

function ofPlace(
  { location, key }: Policy,
  action: PlaceAction,
  context: Context,
  plain: Plain,
): PolicyStatements | { readonly reason: string } {
  const field = fieldPath(location, key);
  if (field !== undefined && action.kind === 'keyed-hash') {
    return { reason: 'the redaction processor, which has the key, does not reach fields' };
  }
  const ofField = field === undefined ? [] : fieldStatements(action, field, plain);
  // An attribute can have the key of a field; nothing tells which of the two it was.
  const ofAttribute = hasAttributes(location) ? attributeStatements(action, { of: context, key }, plain) : [];
  const statements = [...ofField, ...ofAttribute];
  if (statements.length > 0) return { context, statements };
  return { reason: field === undefined ? 'there is no such field' : 'a field has no other name to get' };
}

/** Without the name of the service no policy would know its resources any more. */
function keptKeys(location: Policy['location'], keys: readonly string[]): readonly string[] {
  const own = ALWAYS_KEPT[location];
  return own === undefined || keys.includes(own) ? keys : [...keys, own];
}
/** What policies and proofs stand on. */
const ALWAYS_KEPT: Readonly<Partial<Record<Policy['location'], string>>> = {
  resource: 'service.name',
  span: CANARY_ID,
};

/** What is done to one attribute or field. */
type PlaceAction = Exclude<PolicyAction, { readonly kind: 'sample' | 'drop' | 'keep' | 'template' }>;
type Plain = (operation: Operation, ...guards: Guard[]) => Statement;

function hasAttributes(location: Policy['location']): boolean {
  return location !== 'span_name' && location !== 'status';
}

/** A field is always there, so an empty one is none. */
function fieldStatements(action: PlaceAction, target: FieldPath, plain: Plain): Statement[] {
  const filled: Guard = { is: 'filled', path: target };
  if (action.kind === 'mask' || action.kind === 'truncate') return replaced(action, target, plain);
  if (action.kind === 'hash') return [plain({ kind: 'hash', target }, filled)];
  if (action.kind === 'rename') return [];
  return [plain({ kind: 'set', target, text: MASK }, filled)];
}

function attributeStatements(action: PlaceAction, target: AttributePath, plain: Plain): Statement[] {
  const present: Guard = { is: 'present', path: target };
  if (action.kind === 'mask' || action.kind === 'truncate') return replaced(action, target, plain);
  if (action.kind === 'hash') return [plain({ kind: 'hash', target }, { is: 'text', path: target })];
  if (action.kind === 'keyed-hash') {
    return [plain({ kind: 'mark', target, mark: HASH_MARK }, { is: 'text', path: target })];
  }
  if (action.kind === 'mask-value') return [plain({ kind: 'set', target, text: MASK }, present)];
  const remove = plain({ kind: 'delete', target });
  if (action.kind !== 'rename') return [remove];
  const renamed = { of: target.of, key: action.to };
  return [plain({ kind: 'copy', target: renamed, from: target }, present, { is: 'absent', path: renamed }), remove];
}

/**
 * These leave alone what is no text. A pattern cuts between characters, where `Substring` would cut between bytes; it
 * repeats up to 1,000 times.
 */
function replaced(action: Extract<PolicyAction, { kind: 'mask' | 'truncate' }>, target: Path, plain: Plain) {
  const replacements: readonly PatternReplacement[] =
    action.kind === 'mask'
      ? action.patterns.map(maskReplacement)
      : [{ regex: `(?s)^(.{${Math.min(action.length, MAX_REPEAT)}}).*$`, replacement: [1] }];
  return replacements.map((replacement) => plain({ kind: 'replace', target, ...replacement }));
}
