import type { PolicyVersion } from '../model/policy.js';
import type { ResourceSpans, ScopeSpans, TraceRequest, TraceSpan } from '../model/trace-request.js';
import { spanBytes } from '../model/trace-size.js';
import { type SpanDrop, spanDropOf } from './span-drops.js';
import { hasPlaceholder, spanNamePattern } from './span-name-pattern.js';
import { isIn, type Place, textAt } from './span-paths.js';

/** StatusCode of OTLP. */
const ERROR = 2;

/** Drops spans as the filter processor of the OpenTelemetry Collector (contrib v0.159) does. */
export class SpanFilter {
  private readonly drops: readonly { readonly id: string; readonly drop: SpanDrop }[];

  /** @param matches whether a pattern of RE2, one of `patterns`, matches a text anywhere */
  constructor(
    policies: readonly PolicyVersion[],
    private readonly matches: (pattern: string, text: string) => boolean,
  ) {
    this.drops = policies.flatMap(({ id, policy }) => {
      const drop = spanDropOf(policy);
      return drop === null || 'reason' in drop ? [] : [{ id, drop }];
    });
  }

  /** By the id of their policy. */
  get patterns(): readonly { readonly id: string; readonly patterns: readonly string[] }[] {
    return this.drops.map(({ id, drop: { test, exceptNames } }) => {
      const isPattern = test.kind === 'name' && hasPlaceholder(test.template);
      return { id, patterns: [...(isPattern ? [spanNamePattern(test.template)] : []), ...exceptNames] };
    });
  }

  /**
   * Takes spans out of a request, and scopes and resources without any.
   *
   * @param dropped told of each span, the policy that dropped it, and its OTLP protobuf bytes
   */
  run(request: TraceRequest, dropped: (policy: string, place: Place, bytes: number) => void): void {
    if (this.drops.length === 0) return;
    const isKept = (resource: ResourceSpans, scope: ScopeSpans, span: TraceSpan): boolean => {
      const place = { resource, scope, span };
      const dropping = this.drops.find(({ drop }) => this.meets(drop, place, span));
      if (dropping !== undefined) dropped(dropping.id, place, spanBytes(span));
      return dropping === undefined;
    };
    request.resourceSpans = (request.resourceSpans ?? []).filter((resource) => {
      resource.scopeSpans = (resource.scopeSpans ?? []).filter((scope) => {
        scope.spans = (scope.spans ?? []).filter((span) => isKept(resource, scope, span));
        return scope.spans.length > 0;
      });
      return resource.scopeSpans.length > 0;
    });
  }

  private meets(drop: SpanDrop, place: Place, { status }: TraceSpan): boolean {
    const { services, environments, test, exceptNames, keepErrors } = drop;
    if (!isIn(place, services, environments)) return false;
    if (keepErrors && status?.code === ERROR) return false;
    const name = textAt(place, 'span.name') ?? '';
    const isMeant =
      test.kind === 'text'
        ? test.paths.some((path) => textAt(place, path) === test.text)
        : this.isNamed(test.template, name);
    return isMeant && !exceptNames.some((pattern) => this.matches(pattern, name));
  }

  private isNamed(template: string, name: string): boolean {
    return name === template || (hasPlaceholder(template) && this.matches(spanNamePattern(template), name));
  }
}
