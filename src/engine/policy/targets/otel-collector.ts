import type { Policy, PolicyAction, PolicyVersion, RedactionPattern } from '../../model/policy.js';
import { spanNamePattern } from '../span-name-pattern.js';
import type { Rendered } from './target.js';

/** The slot in the user's own configuration that the served processors fill. */
const SLOT = 'transform/spanwarden';
const MASK = '****';
/** Of a pattern in RE2. */
const MAX_REPEAT = 1000;
const CONTEXTS: Readonly<Record<Policy['location'], string | null>> = {
  resource: 'resource',
  scope: 'scope',
  span: 'span',
  span_name: 'span',
  status: 'span',
  event: 'spanevent',
  link: null,
};
const CONTEXT_ORDER = ['resource', 'scope', 'span', 'spanevent'];

/**
 * Statements for the transform processor of the OpenTelemetry Collector (contrib v0.159, OTTL). Served is a map of
 * processors for slots of the user's base configuration: confmap merges it key by key and nothing else of the
 * configuration is touched.
 */
export function renderOtelCollector(policies: readonly PolicyVersion[]): Rendered {
  const statements = new Map<string, string[]>(CONTEXT_ORDER.map((context) => [context, []]));
  const unsupported: Rendered['unsupported'][number][] = [];
  for (const { id, policy } of policies) {
    const context = CONTEXTS[policy.location];
    const lines = context === null ? [] : statementsFor(policy);
    if (context === null) unsupported.push({ id, reason: 'the transform processor does not reach links' });
    else statements.get(context)!.push(...lines);
  }
  const groups = CONTEXT_ORDER.filter((context) => statements.get(context)!.length > 0);
  return {
    document: {
      processors: {
        [SLOT]: {
          error_mode: 'ignore',
          trace_statements: groups.map((context) => ({
            context,
            statements: statements.get(context)!.map(escapeForConfmap),
          })),
        },
      },
    },
    unsupported,
  };
}

/** confmap expands `${…}` and turns `$$` into `$`, so every dollar that is meant as one is doubled. */
function escapeForConfmap(statement: string): string {
  return statement.replace(/\$/g, '$$$$');
}

/** Fields of OTLP messages that are kept under a key as if they were attributes, and their paths in OTTL. */
const FIELD_PATHS: Readonly<Record<string, string>> = {
  'span_name span.name': 'span.name',
  'status otel.status_description': 'span.status.message',
  'span tracestate': 'span.trace_state',
  'event event.name': 'spanevent.name',
  'scope otel.scope.name': 'scope.name',
  'scope otel.scope.version': 'scope.version',
  'resource schema_url': 'resource.schema_url',
  'scope schema_url': 'scope.schema_url',
};

function statementsFor(policy: Policy): string[] {
  const { action, location, key, services } = policy;
  const where = condition(services);
  const field = FIELD_PATHS[`${location} ${key}`];
  if (action.kind === 'template') {
    const [regex, name] = [spanNamePattern(action.template), literal(action.name ?? action.template)];
    const others = action.except?.map((other) => ` and not IsMatch(span.name, ${quote(spanNamePattern(other))})`) ?? [];
    return [`replace_pattern(span.name, ${quote(regex)}, ${quote(name)}) where ${where}${others.join('')}`];
  }
  const fieldStatements = field === undefined ? [] : fieldRedaction(action, field, where);
  // An attribute can have the key of a field; nothing tells which of the two it was.
  return hasAttributes(location) ? [...fieldStatements, ...attributeStatements(policy, where)] : fieldStatements;
}

function hasAttributes(location: Policy['location']): boolean {
  return location !== 'span_name' && location !== 'status';
}

function fieldRedaction(action: PolicyAction, field: string, where: string): string[] {
  if (action.kind === 'mask') return masks(action.patterns, field, where);
  if (action.kind === 'hash' || action.kind === 'truncate') return [shortened(action, field, where)];
  return [`set(${field}, ${quote(MASK)}) where ${field} != "" and ${where}`];
}

function attributeStatements({ action, location, key }: Policy, where: string): string[] {
  const map = location === 'event' ? 'spanevent.attributes' : `${location}.attributes`;
  const target = `${map}[${quote(key)}]`;
  if (action.kind === 'mask') return masks(action.patterns, target, where);
  if (action.kind === 'hash' || action.kind === 'truncate') return [shortened(action, target, where)];
  if (action.kind === 'mask-value') return [`set(${target}, ${quote(MASK)}) where ${target} != nil and ${where}`];
  const remove = `delete_key(${map}, ${quote(key)}) where ${where}`;
  if (action.kind !== 'rename') return [remove];
  const renamed = `${map}[${quote(action.to)}]`;
  return [`set(${renamed}, ${target}) where ${target} != nil and ${renamed} == nil and ${where}`, remove];
}

/**
 * Both leave alone what is no text. A pattern cuts between characters, where `Substring` would cut between bytes; it
 * repeats up to 1,000 times.
 */
function shortened(
  action: Extract<PolicyAction, { kind: 'hash' | 'truncate' }>,
  target: string,
  where: string,
): string {
  if (action.kind === 'hash') return `set(${target}, SHA256(${target})) where IsString(${target}) and ${where}`;
  const regex = `(?s)^(.{${Math.min(action.length, MAX_REPEAT)}}).*$`;
  return `replace_pattern(${target}, ${quote(regex)}, "\${1}") where ${where}`;
}

function masks(patterns: readonly RedactionPattern[], target: string, where: string): string[] {
  return patterns.map(({ pattern }) => {
    const { regex, replacement } = splitAtCapture(pattern);
    return `replace_pattern(${target}, ${quote(regex)}, ${quote(replacement)}) where ${where}`;
  });
}

function condition(services: readonly string[]): string {
  const tests = services.map((service) => `resource.attributes["service.name"] == ${quote(service)}`);
  return tests.length === 1 ? tests[0]! : `(${tests.join(' or ')})`;
}

/** An OTTL string literal: double quotes, with backslash escapes. */
function quote(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };
  return `"${text.replace(/[\n\r\t"\\]/g, (c) => escapes[c]!)}"`;
}

/** A replacement text in which dollars and backslashes mean themselves. */
function literal(text: string): string {
  return text.replace(/\$/g, '$$$$');
}

/**
 * Turns the part of a pattern that is captured as `match` into the part that is replaced: what stands before and after
 * it in the pattern is captured instead and put back. Leading flags stay in front of everything.
 */
function splitAtCapture(pattern: string): { regex: string; replacement: string } {
  const start = pattern.indexOf('(?P<match>');
  if (start < 0) return { regex: pattern, replacement: MASK };
  const end = closingParenthesis(pattern, start);
  const flags = /^\(\?[a-z]+\)/.exec(pattern)?.[0] ?? '';
  const before = pattern.slice(flags.length, start);
  const match = pattern.slice(start + '(?P<match>'.length, end);
  const after = pattern.slice(end + 1);
  if (hasTopLevelAlternative(before) || hasTopLevelAlternative(after)) return { regex: pattern, replacement: MASK };
  return { regex: `${flags}(${before})(?:${match})(${after})`, replacement: `\${1}${MASK}\${2}` };
}

function closingParenthesis(pattern: string, from: number): number {
  let depth = 0;
  for (const { at, char } of plainCharacters(pattern, from)) {
    if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at;
  }
  return pattern.length;
}

function hasTopLevelAlternative(pattern: string): boolean {
  let depth = 0;
  for (const { char } of plainCharacters(pattern, 0)) {
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === '|' && depth === 0) return true;
  }
  return false;
}

/** Characters of a pattern that stand outside of classes and are not escaped. */
function* plainCharacters(pattern: string, from: number): Iterable<{ at: number; char: string }> {
  let inClass = false;
  for (let at = from; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === '\\') at++;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') {
      inClass = true;
      if (pattern[at + 1] === '^') at++;
      if (pattern[at + 1] === ']') at++;
    } else yield { at, char };
  }
}
