import type { Policy } from '../model/policy.js';
import { spanNamePattern } from './span-name-pattern.js';
import { fieldPath, locationContext, type Path } from './statements.js';

/** Which spans a policy drops: all of it holds. */
export interface SpanDrop {
  readonly services: readonly string[];
  /** None for all. */
  readonly environments: readonly string[];
  /** The name is the template or one that it stands for, or the text is at one of the places. */
  readonly test:
    | { readonly kind: 'name'; readonly template: string }
    | { readonly kind: 'text'; readonly paths: readonly Path[]; readonly text: string };
  /** Patterns of names that stay. */
  readonly exceptNames: readonly string[];
  readonly keepErrors: boolean;
}

/** What a policy drops, or why no processor can; null where it drops no spans at all. */
export function spanDropOf(policy: Policy): SpanDrop | { readonly reason: string } | null {
  const { action, location, key, services, environments = [] } = policy;
  if (action.kind !== 'drop') return null;
  const { match, except = [], keepErrors } = action;
  const common = { services, environments, exceptNames: except.map(spanNamePattern), keepErrors };
  if (location === 'span_name') return { ...common, test: { kind: 'name', template: match } };
  const context = locationContext(location);
  if (context === null || context === 'spanevent') {
    return { reason: 'spans are dropped by their name, or by a text of the span, its scope or its resource' };
  }
  const field = fieldPath(location, key);
  const attribute: Path[] = location === 'status' ? [] : [{ of: context, key }];
  const paths = [...(field === undefined ? [] : [field]), ...attribute];
  if (paths.length === 0) return { reason: 'there is no such field' };
  return { ...common, test: { kind: 'text', paths, text: match } };
}
