import { ENVIRONMENT_KEYS } from './environment-keys.js';
import { quote } from './ottl-text.js';
import type { Replacement } from './replacement.js';
import type { SpanDrop } from './span-drops.js';
import { namedAs } from './span-name-test.js';
import type { Context, Guard, Operation, Path, Statement } from './statements.js';

/** How paths are written: with the context that they start from, or as older collectors have them. */
export interface PathStyle {
  /** Null: all paths have their context in front. Else what starts from this context has none. */
  readonly own: Context | null;
}

/** A statement of the transform processor. */
export function writeStatement(
  { operation, guards, services, environments, exceptNames }: Statement,
  style: PathStyle,
): string {
  const conditions = [
    ...guards.map((guard) => writeGuard(guard, style)),
    ...ofPlace(services, environments, style),
    ...notNamed(exceptNames, style),
  ];
  return `${writeOperation(operation, style)} where ${conditions.join(' and ')}`;
}

/** A condition of the filter processor, in the context `span`: spans that meet it go. */
export function writeDrop(
  { services, environments, test, exceptNames, keepErrors }: SpanDrop,
  style: PathStyle,
): string {
  const name = writePath('span.name', style);
  const tests =
    test.kind === 'name'
      ? namedAs(name, test.template)
      : test.paths.map((path) => `${writePath(path, style)} == ${quote(test.text)}`);
  const status = style.own === 'span' ? 'status.code' : 'span.status.code';
  return [
    anyOf(tests),
    ...ofPlace(services, environments, style),
    ...notNamed(exceptNames, style),
    ...(keepErrors ? [`${status} != STATUS_CODE_ERROR`] : []),
  ].join(' and ');
}

/** Resources get a text, whatever they are. */
export function writeMark(key: string, text: string, style: PathStyle): string {
  return `set(${writePath({ of: 'resource', key }, style)}, ${quote(text)})`;
}

export function anyOf(conditions: readonly string[]): string {
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(' or ')})`;
}

function notNamed(patterns: readonly string[], style: PathStyle): string[] {
  return patterns.map((regex) => `not IsMatch(${writePath('span.name', style)}, ${quote(regex)})`);
}

/** One of the services, in one of the environments where some are named. */
function ofPlace(services: readonly string[], environments: readonly string[], style: PathStyle): string[] {
  const is = (key: string, text: string): string => `${writePath({ of: 'resource', key }, style)} == ${quote(text)}`;
  const service = anyOf(services.map((name) => is('service.name', name)));
  const named = environments.flatMap((name) => ENVIRONMENT_KEYS.map((key) => is(key, name)));
  return named.length === 0 ? [service] : [service, anyOf(named)];
}

function writeOperation(operation: Operation, style: PathStyle): string {
  if (operation.kind === 'keep') {
    return `keep_keys(${writeAttributes(operation.of, style)}, [${operation.keys.map(quote).join(', ')}])`;
  }
  const { kind, target } = operation;
  const path = writePath(target, style);
  switch (kind) {
    case 'replace':
      return `replace_pattern(${path}, ${quote(operation.regex)}, ${quote(template(operation.replacement))})`;
    case 'set':
      return `set(${path}, ${quote(operation.text)})`;
    case 'hash':
      return `set(${path}, SHA256(${path}))`;
    case 'mark':
      return `set(${path}, Concat([${quote(operation.mark)}, ${path}], ""))`;
    case 'copy':
      return `set(${path}, ${writePath(operation.from, style)})`;
    case 'delete':
      return `delete_key(${writeAttributes(target.of, style)}, ${quote(target.key)})`;
  }
}

function writeGuard({ is, path }: Guard, style: PathStyle): string {
  const written = writePath(path, style);
  const forms = {
    present: `${written} != nil`,
    absent: `${written} == nil`,
    filled: `${written} != ""`,
    text: `IsString(${written})`,
  };
  return forms[is];
}

function writePath(path: Path, style: PathStyle): string {
  if (typeof path !== 'string') return `${writeAttributes(path.of, style)}[${quote(path.key)}]`;
  const [context, ...field] = path.split('.') as [Context, ...string[]];
  return start(context, field.join('.'), style);
}

function writeAttributes(of: Context, style: PathStyle): string {
  return start(of, 'attributes', style);
}

function start(context: Context, field: string, { own }: PathStyle): string {
  if (own === null) return `${context}.${field}`;
  if (own === context) return field;
  // Before it was called `scope`.
  return `${context === 'scope' ? 'instrumentation_scope' : context}.${field}`;
}

/** A replacement of Go's regexp.Expand, in which dollars of texts mean themselves. */
function template(replacement: Replacement): string {
  return replacement.map((part) => (typeof part === 'number' ? `\${${part}}` : part.replace(/\$/g, '$$$$'))).join('');
}
