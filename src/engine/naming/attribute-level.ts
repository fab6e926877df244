import type { Location } from '../model/location.js';
import type { ConventionRegistry } from './registry.js';

/**
 * Whether an attribute stands where its registry does not want it: one of resources on spans, events or links, or the
 * reverse. Null where no registry says where it belongs.
 */
export function isAtWrongLevel(key: string, location: Location, registry: ConventionRegistry): boolean | null {
  const level = registry.find(key)?.attribute.level;
  if (level === undefined || level === 'either' || location === 'scope') return null;
  return (location === 'resource') !== (level === 'resource');
}
