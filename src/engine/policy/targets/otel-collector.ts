import type { PolicyVersion } from '../../model/policy.js';
import { quote } from '../ottl-text.js';
import type { Replacement } from '../replacement.js';
import { samplingProcessors } from '../sampling-processors.js';
import { isSampling } from '../sampling-rules.js';
import { CONTEXTS, type Guard, type Operation, type Path, type Statement, statementsOf } from '../statements.js';
import type { Rendered } from './target.js';

/** The slot in the user's own configuration that the served processors fill. */
const SLOT = 'transform/spanwarden';

/**
 * Statements for the transform processor of the OpenTelemetry Collector (contrib v0.159, OTTL), and the samplers where
 * there are policies for them. Served is a map of processors for slots of the user's base configuration: confmap merges it
 * key by key and nothing else of the configuration is touched.
 */
export function renderOtelCollector(policies: readonly PolicyVersion[]): Rendered {
  const statements = new Map<string, string[]>(CONTEXTS.map((context) => [context, []]));
  const unsupported: Rendered['unsupported'][number][] = [];
  const sampling = samplingProcessors(policies.filter(isSampling));
  unsupported.push(...sampling.unsupported);
  for (const version of policies) {
    if (isSampling(version)) continue;
    const { id, policy } = version;
    const made = statementsOf(policy);
    if (made === null) unsupported.push({ id, reason: 'the transform processor does not reach links' });
    else statements.get(made.context)!.push(...made.statements.map(write));
  }
  const groups = CONTEXTS.filter((context) => statements.get(context)!.length > 0);
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
        ...(escapeAll(sampling.processors) as Record<string, unknown>),
      },
    },
    unsupported,
  };
}

/** Every text of plain data. */
function escapeAll(data: unknown): unknown {
  if (typeof data === 'string') return escapeForConfmap(data);
  if (Array.isArray(data)) return data.map(escapeAll);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, escapeAll(value)]));
}

/** confmap expands `${…}` and turns `$$` into `$`, so every dollar that is meant as one is doubled. */
function escapeForConfmap(statement: string): string {
  return statement.replace(/\$/g, '$$$$');
}

function write({ operation, guards, services, exceptNames }: Statement): string {
  const conditions = [
    ...guards.map(writeGuard),
    anyOf(services),
    ...exceptNames.map((regex) => `not IsMatch(span.name, ${quote(regex)})`),
  ];
  return `${writeOperation(operation)} where ${conditions.join(' and ')}`;
}

function writeOperation(operation: Operation): string {
  const { kind, target } = operation;
  const path = writePath(target);
  if (kind === 'replace') {
    return `replace_pattern(${path}, ${quote(operation.regex)}, ${quote(template(operation.replacement))})`;
  }
  if (kind === 'set') return `set(${path}, ${quote(operation.text)})`;
  if (kind === 'hash') return `set(${path}, SHA256(${path}))`;
  if (kind === 'copy') return `set(${path}, ${writePath(operation.from)})`;
  return `delete_key(${target.of}.attributes, ${quote(target.key)})`;
}

function writeGuard({ is, path }: Guard): string {
  const written = writePath(path);
  const forms = {
    present: `${written} != nil`,
    absent: `${written} == nil`,
    filled: `${written} != ""`,
    text: `IsString(${written})`,
  };
  return forms[is];
}

function writePath(path: Path): string {
  return typeof path === 'string' ? path : `${path.of}.attributes[${quote(path.key)}]`;
}

function anyOf(services: readonly string[]): string {
  const tests = services.map((service) => `resource.attributes["service.name"] == ${quote(service)}`);
  return tests.length === 1 ? tests[0]! : `(${tests.join(' or ')})`;
}

/** A replacement of Go's regexp.Expand, in which dollars of texts mean themselves. */
function template(replacement: Replacement): string {
  return replacement.map((part) => (typeof part === 'number' ? `\${${part}}` : part.replace(/\$/g, '$$$$'))).join('');
}
