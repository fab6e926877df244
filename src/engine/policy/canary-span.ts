import type { Policy, PolicyVersion } from '../model/policy.js';
import type { TraceRequest } from '../model/trace-request.js';
import { ENVIRONMENT_KEYS } from './environment-keys.js';
import { type SimulationTools, Simulator } from './simulate.js';
import { type Place, read, write } from './span-paths.js';
import { type Path, statementsOf } from './statements.js';

/** What is planted in a canary, and is to be gone when a policy was at it. */
export interface Planted {
  readonly texts: readonly string[];
  readonly keys: readonly Pick<Policy, 'location' | 'key'>[];
}

/** A span that a policy acts on, without an id yet. */
export interface CanarySpan {
  readonly service: string;
  readonly request: TraceRequest;
  readonly planted: Planted;
}

/** What canaries are made of. */
export interface CanaryMaterial {
  /** Made-up texts that a detector finds, its examples. */
  examples(detector: string): readonly string[];
  /** A text that is nowhere else, of letters and digits. */
  unique(): string;
  readonly tools: SimulationTools;
}

/** Of a policy: by services and patterns that is enough for each of either. */
const MAX_SPANS = 20;
/** A shorter text could be there by chance. */
const MIN_PLANTED = 6;
const SPAN_NAME = 'spanwarden canary';
const SCOPE_NAME = 'spanwarden.canary';
const MAX_REPEAT = 1000;

/**
 * Spans that prove a policy: one for each of its services, and with `mask` for each of its patterns. That the policy takes
 * out what is planted is tried on the simulator, which does what a collector does.
 *
 * @returns why not, where no span can prove the policy
 */
export function canarySpans(version: PolicyVersion, material: CanaryMaterial): CanarySpan[] | string {
  const { policy } = version;
  const target = targetOf(policy);
  if ('reason' in target) return target.reason;
  const simulator = Simulator.of([version], material.tools);
  if ('problems' in simulator) return 'its patterns do not compile';
  const patterns = policy.action.kind === 'mask' ? policy.action.patterns : [null];
  const spans: CanarySpan[] = [];
  for (let i = 0; i < Math.min(MAX_SPANS, Math.max(policy.services.length, patterns.length)); i++) {
    const service = policy.services[i % policy.services.length]!;
    const texts = textsFor(policy, patterns[i % patterns.length]?.detector ?? null, material);
    const span = firstOf(texts, (text) => planted(policy, service, target.path, text, simulator));
    if (span === null) return 'no made-up value is known that it would take out';
    spans.push(span);
  }
  return spans;
}

/** Where a policy acts, or why no canary can be there. */
function targetOf(policy: Policy): { readonly path: Path } | { readonly reason: string } {
  if (policy.action.kind === 'sample') {
    return { reason: 'it decides on whole traces; there is nothing in a span that shows it' };
  }
  if (policy.action.kind === 'drop') {
    return { reason: 'it drops whole spans; one that does not come back may be lost for any reason' };
  }
  const made = statementsOf(policy);
  if ('reason' in made) return made;
  // The last thing that a rename does is to take the old key away.
  const statement = policy.action.kind === 'rename' ? made.statements.at(-1) : made.statements[0];
  const path = statement !== undefined && 'target' in statement.operation ? statement.operation.target : undefined;
  return path === undefined ? { reason: 'it acts on no place of its own' } : { path };
}

function textsFor(policy: Policy, detector: string | null, { examples, unique }: CanaryMaterial): readonly string[] {
  const { action } = policy;
  if (detector !== null) return examples(detector);
  if (action.kind === 'truncate') return ['x'.repeat(Math.min(action.length, MAX_REPEAT)) + unique()];
  if (action.kind !== 'template') return [unique()];
  // A word for each placeholder; `'{value}'` stands in quotes already.
  return [action.template.replace(/\{[a-z0-9_-]+\}/g, () => `1${unique()}`)];
}

function planted(policy: Policy, service: string, path: Path, text: string, simulator: Simulator): CanarySpan | null {
  const request = emptyRequest(service, policy.environments?.[0] ?? '', policy.location === 'event');
  write(placeIn(request), path, { stringValue: text });
  const result = simulator.run(request);
  const after = read(placeIn(result), path)?.stringValue;
  if (policy.action.kind === 'rename') {
    const { location, key } = policy;
    return after === undefined ? { service, request, planted: { texts: [], keys: [{ location, key }] } } : null;
  }
  const gone = takenOut(text, after ?? '');
  if (gone.length < MIN_PLANTED || JSON.stringify(result).includes(JSON.stringify(gone).slice(1, -1))) return null;
  return { service, request, planted: { texts: [gone], keys: [] } };
}

/** A resource, scope and span, with an event where one is asked for, in which nothing could be taken for what is planted. */
function emptyRequest(service: string, environment: string, hasEvent: boolean): TraceRequest {
  const about = [['service.name', service], ...(environment === '' ? [] : [[ENVIRONMENT_KEYS[0], environment]])];
  const attributes = about.map(([key, text]) => ({ key: key!, value: { stringValue: text! } }));
  const events = hasEvent ? [{ name: SPAN_NAME, attributes: [] }] : [];
  const span = { name: SPAN_NAME, kind: 1, attributes: [], events };
  return {
    resourceSpans: [
      {
        resource: { attributes },
        scopeSpans: [{ scope: { name: SCOPE_NAME, attributes: [] }, spans: [span] }],
      },
    ],
  };
}

function placeIn(request: TraceRequest): Place {
  const resource = request.resourceSpans![0]!;
  const scope = resource.scopeSpans![0]!;
  const span = scope.spans![0]!;
  const spanevent = span.events?.[0];
  return { resource, scope, span, ...(spanevent && { spanevent }) };
}

/** The part of a text from where it differs from another one to where it ends to differ. */
function takenOut(before: string, after: string): string {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return before.slice(start, before.length - end);
}

function firstOf<T, R>(items: readonly T[], make: (item: T) => R | null): R | null {
  for (const item of items) {
    const made = make(item);
    if (made !== null) return made;
  }
  return null;
}
