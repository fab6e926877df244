import type { Location } from '../model/location.js';

/*
 * At which level attributes belong, for RES-004 of the Instrumentation Score: only keys of which the OpenTelemetry
 * semantic conventions leave no doubt. Namespaces of resources are those whose attributes are all in groups of type
 * `entity`; the exceptions are attributes of the same namespace that describe something else.
 */

const RESOURCE_NAMESPACES = [
  'service.',
  'telemetry.sdk.',
  'telemetry.distro.',
  'host.',
  'os.',
  'container.',
  'deployment.',
];
const RESOURCE_EXCEPTIONS = [
  'service.peer.',
  'container.image.',
  'deployment.id',
  'deployment.name',
  'deployment.status',
];
const SPAN_NAMESPACES = ['http.', 'url.', 'db.', 'messaging.', 'rpc.', 'exception.'];

/** Whether a key of the conventions stands where it does not belong; null where the conventions do not say. */
export function isAtWrongLevel(key: string, location: Location): boolean | null {
  const within = (prefixes: readonly string[]): boolean => prefixes.some((prefix) => key.startsWith(prefix));
  if (within(RESOURCE_NAMESPACES) && !within(RESOURCE_EXCEPTIONS)) return location !== 'resource';
  if (within(SPAN_NAMESPACES)) return location === 'resource';
  return null;
}
