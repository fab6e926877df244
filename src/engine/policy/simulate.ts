import type { PolicyAction, PolicyVersion } from '../model/policy.js';
import type { EffectCounts } from '../model/simulation.js';
import type { TraceRequest } from '../model/trace-request.js';
import { type Problem, problem } from '../problem.js';
import type { Replacement } from './replacement.js';
import { bytesAt, type Place, read, remove, type Value, write } from './span-paths.js';
import {
  CONTEXTS,
  type Context,
  type Guard,
  type Operation,
  type Path,
  type Statement,
  statementsOf,
} from './statements.js';

/** A match: offsets in the text of it and of its groups, -1 for a group that took no part. */
export type Match = readonly (readonly [start: number, end: number])[];

/** One compiled pattern in the syntax of RE2 over text. */
export interface TextPattern {
  /** The first match at or after an offset; what stands before the offset counts for `^` and `\b`. */
  exec(text: string, from: number): Match | null;
}

/** What the simulator needs from the world. */
export interface SimulationTools {
  compile(source: string): TextPattern | { readonly error: string };
  /** Of the text in UTF-8, in hexadecimal. */
  sha256(text: string): string;
}

/** What a policy did at one place. A value is counted once, however many statements of the policy changed it. */
export interface Touch {
  /** Id of the policy. */
  readonly policy: string;
  /** One of the policy's services. */
  readonly service: string;
  /** In the request as it is after the policies. */
  readonly place: Place;
  readonly counts: EffectCounts;
}

interface Program {
  readonly id: string;
  readonly kind: PolicyAction['kind'];
  readonly context: Context;
  readonly statements: readonly Statement[];
}

/**
 * Carries out policies as the transform processor of the OpenTelemetry Collector (contrib v0.159) does with what the
 * target `otel-collector` renders: one context after the other, statement by statement, each on what the ones before
 * left behind.
 */
export class Simulator {
  private readonly programs: readonly Program[];
  private readonly patterns = new Map<string, TextPattern>();

  private constructor(
    policies: readonly PolicyVersion[],
    private readonly tools: SimulationTools,
    private readonly faults: Problem[] = [],
  ) {
    this.programs = policies.flatMap(({ id, policy }) => {
      const made = statementsOf(policy);
      if (made === null) return [];
      for (const statement of made.statements) this.compile(statement, id);
      return [{ id, kind: policy.action.kind, ...made }];
    });
  }

  /** A simulator, or what is wrong with the patterns of the policies. */
  static of(policies: readonly PolicyVersion[], tools: SimulationTools): Simulator | { readonly problems: Problem[] } {
    const simulator = new Simulator(policies, tools);
    return simulator.faults.length === 0 ? simulator : { problems: simulator.faults };
  }

  /**
   * The request as it is after the policies; the one that is given stays as it is.
   *
   * @param touched told of each place that a policy changed
   */
  run(request: TraceRequest, touched: (touch: Touch) => void = () => {}): TraceRequest {
    const result = copied(request);
    for (const context of CONTEXTS) {
      const programs = this.programs.filter((program) => program.context === context);
      if (programs.length === 0) continue;
      for (const place of places(result, context)) for (const program of programs) this.apply(program, place, touched);
    }
    return result;
  }

  private compile({ operation, exceptNames }: Statement, id: string): void {
    for (const source of [...(operation.kind === 'replace' ? [operation.regex] : []), ...exceptNames]) {
      if (this.patterns.has(source)) continue;
      const pattern = this.tools.compile(source);
      if ('error' in pattern) this.faults.push(problem('pattern', `policy ${id}`, 'a pattern does not compile', 'RE2'));
      else this.patterns.set(source, pattern);
    }
  }

  private apply({ id, kind, statements }: Program, place: Place, touched: (touch: Touch) => void): void {
    const counts: EffectCounts = { masked: 0, removed: 0, renamed: 0, generalised: 0, bytes: 0 };
    const changed = new Set<string>();
    let isCopied = false;
    let done = false;
    // Asked before: a policy may change the name of the service.
    const service = serviceOf(place);
    for (const statement of statements) {
      if (!this.holds(statement, place)) continue;
      const { operation } = statement;
      const bytes = bytesAt(place, operation.target);
      if (!this.carryOut(operation, place)) continue;
      done = true;
      counts.bytes += bytes - bytesAt(place, operation.target);
      if (operation.kind === 'copy') isCopied = true;
      else if (operation.kind !== 'delete') changed.add(JSON.stringify(operation.target));
      else if (isCopied) counts.renamed++;
      else counts.removed++;
    }
    if (!done) return;
    counts[kind === 'template' ? 'generalised' : 'masked'] += changed.size;
    touched({ policy: id, service: service ?? '', place, counts });
  }

  private holds({ guards, services, exceptNames }: Statement, place: Place): boolean {
    if (!guards.every((guard) => isMet(guard, place))) return false;
    const service = serviceOf(place);
    if (service === undefined || !services.includes(service)) return false;
    return !exceptNames.some((regex) => this.patterns.get(regex)!.exec(textAt(place, 'span.name') ?? '', 0) !== null);
  }

  /** Says whether it changed anything. */
  private carryOut(operation: Operation, place: Place): boolean {
    const { kind, target } = operation;
    if (kind === 'delete') return remove(place, target);
    if (kind === 'copy') return write(place, target, copied(read(place, operation.from)!));
    const before = textAt(place, target);
    const after = this.textAfter(operation, before);
    if (after === undefined || after === before) return false;
    return write(place, target, { stringValue: after });
  }

  private textAfter(operation: Extract<Operation, { kind: 'replace' | 'set' | 'hash' }>, text: string | undefined) {
    if (operation.kind === 'set') return operation.text;
    if (text === undefined) return undefined;
    if (operation.kind === 'hash') return this.tools.sha256(text);
    return replaceAll(text, this.patterns.get(operation.regex)!, operation.replacement);
  }
}

/** Everything that the statements of a context run on, in order. */
function* places(request: TraceRequest, context: Context): Iterable<Place> {
  for (const resource of request.resourceSpans ?? []) {
    if (context === 'resource') yield { resource };
    else
      for (const scope of resource.scopeSpans ?? []) {
        if (context === 'scope') yield { resource, scope };
        else
          for (const span of scope.spans ?? []) {
            if (context === 'span') yield { resource, scope, span };
            else for (const spanevent of span.events ?? []) yield { resource, scope, span, spanevent };
          }
      }
  }
}

function serviceOf(place: Place): string | undefined {
  return read(place, { of: 'resource', key: 'service.name' })?.stringValue;
}

function textAt(place: Place, path: Path): string | undefined {
  return read(place, path)?.stringValue;
}

/** OTTL reads the empty value as nil. */
function isMet({ is, path }: Guard, place: Place): boolean {
  const value: Value | undefined = read(place, path);
  if (is === 'present') return value !== undefined;
  if (is === 'absent') return value === undefined;
  return is === 'text' ? value?.stringValue !== undefined : value?.stringValue !== '';
}

/**
 * Go's Regexp.ReplaceAllString (regexp/regexp.go, replaceAll): an empty match right behind another is none, and the
 * search goes on by a character at least.
 */
function replaceAll(text: string, pattern: TextPattern, replacement: Replacement): string {
  let result = '';
  let lastEnd = 0;
  for (let from = 0; from <= text.length; ) {
    const match = pattern.exec(text, from);
    if (match === null) break;
    const [start, end] = match[0]!;
    result += text.slice(lastEnd, start);
    if (end > lastEnd || start === 0) result += expand(text, match, replacement);
    lastEnd = end;
    from = Math.max(end, from + (text.codePointAt(from)! > 0xffff ? 2 : 1));
  }
  return result + text.slice(lastEnd);
}

function expand(text: string, match: Match, replacement: Replacement): string {
  return replacement.map((part) => (typeof part === 'number' ? groupText(text, match[part]) : part)).join('');
}

function groupText(text: string, [start, end]: readonly [number, number] = [-1, -1]): string {
  return start < 0 ? '' : text.slice(start, end);
}

/** A copy of plain data that shares nothing with it. */
function copied<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copied(member)])) as T;
}
