import type { PolicyAction, PolicyVersion } from '../model/policy.js';
import type { EffectCounts } from '../model/simulation.js';
import type { TraceRequest } from '../model/trace-request.js';
import { type Problem, problem } from '../problem.js';
import { HASH_MARK } from './keyed-hash.js';
import { replaceAll } from './replace-all.js';
import { SpanFilter } from './span-filter.js';
import {
  attributeAt,
  bytesAt,
  isIn,
  keep,
  markedTexts,
  type Place,
  read,
  remove,
  serviceOf,
  textAt,
  type Value,
  write,
} from './span-paths.js';
import { CONTEXTS, type Context, type Guard, type Operation, type Statement, statementsOf } from './statements.js';

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
  /** HMAC-SHA-256 of the text in UTF-8, in hexadecimal, with the key of a collector. */
  keyedHash(text: string): string;
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

/** Which policy put a mark before a text, and for which service. */
interface Marked {
  readonly policy: string;
  readonly service: string;
}

/**
 * Carries out policies as the OpenTelemetry Collector (contrib v0.159) does with what the target `otel-collector` renders:
 * first filter drops spans; then transform goes over one context after the other, statement by statement, each on what the
 * ones before left behind; then redaction hashes what is marked. What `revision` adds to spans is left out.
 */
export class Simulator {
  private readonly programs: readonly Program[];
  private readonly filter: SpanFilter;
  private readonly patterns = new Map<string, TextPattern>();

  private constructor(
    policies: readonly PolicyVersion[],
    private readonly tools: SimulationTools,
    private readonly faults: Problem[] = [],
  ) {
    this.programs = policies.flatMap(({ id, policy }) => {
      const made = statementsOf(policy);
      if ('reason' in made) return [];
      for (const statement of made.statements) this.compile(patternsOf(statement), id);
      return [{ id, kind: policy.action.kind, ...made }];
    });
    this.filter = new SpanFilter(policies, (source, text) => this.matches(source, text));
    for (const { id, patterns } of this.filter.patterns) this.compile(patterns, id);
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
    this.filter.run(result, (policy, place, bytes) =>
      touched({ policy, service: serviceOf(place) ?? '', place, counts: { ...NO_EFFECTS, dropped: 1, bytes } }),
    );
    const marked = new Map<object, Marked>();
    for (const context of CONTEXTS) {
      const programs = this.programs.filter((program) => program.context === context);
      if (programs.length === 0) continue;
      for (const place of places(result, context)) {
        for (const program of programs) this.apply(program, place, touched, marked);
      }
    }
    if (this.programs.some(({ kind }) => kind === 'keyed-hash')) this.redact(result, touched, marked);
    return result;
  }

  private compile(sources: readonly string[], id: string): void {
    for (const source of sources) {
      if (this.patterns.has(source)) continue;
      const pattern = this.tools.compile(source);
      if ('error' in pattern) this.faults.push(problem('pattern', `policy ${id}`, 'a pattern does not compile', 'RE2'));
      else this.patterns.set(source, pattern);
    }
  }

  private matches(regex: string, text: string): boolean {
    return this.patterns.get(regex)!.exec(text, 0) !== null;
  }

  private redact(request: TraceRequest, touched: (touch: Touch) => void, marked: ReadonlyMap<object, Marked>): void {
    for (const context of CONTEXTS) {
      for (const place of places(request, context)) {
        for (const { attribute, path } of markedTexts(place, context, HASH_MARK)) {
          const before = bytesAt(place, path);
          const { stringValue = '' } = attribute.value!;
          attribute.value = { stringValue: this.tools.keyedHash(stringValue) };
          const by = marked.get(attribute);
          const counts = { ...NO_EFFECTS, bytes: before - bytesAt(place, path) };
          if (by !== undefined) touched({ ...by, place, counts });
        }
      }
    }
  }

  private apply(
    { id, kind, statements }: Program,
    place: Place,
    touched: (touch: Touch) => void,
    marked: Map<object, Marked>,
  ): void {
    const counts: EffectCounts = { ...NO_EFFECTS };
    const changed = new Set<string>();
    let isCopied = false;
    let done = false;
    // Asked before: a policy may change the name of the service.
    const service = serviceOf(place);
    for (const statement of statements) {
      if (!this.holds(statement, place)) continue;
      const { operation } = statement;
      if (operation.kind === 'keep') {
        const gone = keep(place, operation.of, operation.keys);
        counts.removed += gone.attributes;
        counts.bytes += gone.bytes;
        done ||= gone.attributes > 0;
        continue;
      }
      const bytes = bytesAt(place, operation.target);
      if (!this.carryOut(operation, place)) continue;
      done = true;
      counts.bytes += bytes - bytesAt(place, operation.target);
      if (operation.kind === 'mark')
        marked.set(attributeAt(place, operation.target)!, { policy: id, service: service ?? '' });
      if (operation.kind === 'copy') {
        isCopied = true;
        const by = marked.get(attributeAt(place, operation.from)!);
        if (by !== undefined) marked.set(attributeAt(place, operation.target)!, by);
      } else if (operation.kind !== 'delete') changed.add(JSON.stringify(operation.target));
      else if (isCopied) counts.renamed++;
      else counts.removed++;
    }
    if (!done) return;
    counts[kind === 'template' ? 'generalised' : 'masked'] += changed.size;
    touched({ policy: id, service: service ?? '', place, counts });
  }

  private holds({ guards, services, environments, exceptNames }: Statement, place: Place): boolean {
    if (!guards.every((guard) => isMet(guard, place))) return false;
    if (!isIn(place, services, environments)) return false;
    return !exceptNames.some((regex) => this.matches(regex, textAt(place, 'span.name') ?? ''));
  }

  /** Says whether it changed anything. */
  private carryOut(operation: Exclude<Operation, { kind: 'keep' }>, place: Place): boolean {
    const { kind, target } = operation;
    if (kind === 'delete') return remove(place, target);
    if (kind === 'copy') return write(place, target, copied(read(place, operation.from)!));
    const before = textAt(place, target);
    const after = this.textAfter(operation, before);
    if (after === undefined || after === before) return false;
    return write(place, target, { stringValue: after });
  }

  private textAfter(
    operation: Extract<Operation, { kind: 'replace' | 'set' | 'hash' | 'mark' }>,
    text: string | undefined,
  ): string | undefined {
    if (operation.kind === 'set') return operation.text;
    if (text === undefined) return undefined;
    if (operation.kind === 'mark') return operation.mark + text;
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

/** OTTL reads the empty value as nil. */
function isMet({ is, path }: Guard, place: Place): boolean {
  const value: Value | undefined = read(place, path);
  if (is === 'present') return value !== undefined;
  if (is === 'absent') return value === undefined;
  return is === 'text' ? value?.stringValue !== undefined : value?.stringValue !== '';
}

function patternsOf({ operation, exceptNames }: Statement): readonly string[] {
  return [...(operation.kind === 'replace' ? [operation.regex] : []), ...exceptNames];
}

const NO_EFFECTS: EffectCounts = { masked: 0, removed: 0, renamed: 0, generalised: 0, dropped: 0, bytes: 0 };

/** A copy of plain data that shares nothing with it. */
function copied<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copied(member)])) as T;
}
