/*
 * Attribute keys that the audit of traces reads, as small integers: found out once per key, looked up once per record.
 * Names are those of the OpenTelemetry semantic conventions, old ones included.
 */

export const NO_ROLE = 0;
export const ERROR_TYPE = 1;
export const HTTP_STATUS = 2;
export const BAGGAGE = 3;
export const PROFILE = 4;
export const COLD = 5;
export const ADDRESS = 6;
export const PORT = 7;
export const PEER_NAME = 8;
export const TRACE_STATE = 9;
/** From here on keys of resources. */
export const SERVICE_NAME = 16;
export const SERVICE_INSTANCE = 17;
export const SERVICE_VERSION = 18;
export const ENVIRONMENT = 19;
export const SDK_VERSION = 20;
export const SDK_LANGUAGE = 21;
export const REVISION = 22;
export const POD_NAME = 23;
export const POD_UID = 24;
export const HOST_ID = 25;
export const HOST_IP = 26;
export const HOST_NAME = 27;

const ROLES: ReadonlyMap<string, number> = new Map([
  ['error.type', ERROR_TYPE],
  ['exception.type', ERROR_TYPE],
  ['exception.message', ERROR_TYPE],
  ['http.response.status_code', HTTP_STATUS],
  ['http.status_code', HTTP_STATUS],
  ['baggage', BAGGAGE],
  ['http.request.header.baggage', BAGGAGE],
  // Profilers that link spans to profiles: Grafana Pyroscope, Elastic Universal Profiling.
  ['pyroscope.profile.id', PROFILE],
  ['elastic.profiler_stack_trace_ids', PROFILE],
  ['faas.coldstart', COLD],
  ['server.address', ADDRESS],
  ['net.peer.name', ADDRESS],
  ['net.host.name', ADDRESS],
  ['server.port', PORT],
  ['net.peer.port', PORT],
  ['net.host.port', PORT],
  ['service.peer.name', PEER_NAME],
  ['peer.service', PEER_NAME],
  // A field, not an attribute; see `FIELDS` in model/location.ts.
  ['tracestate', TRACE_STATE],
  ['service.name', SERVICE_NAME],
  ['service.instance.id', SERVICE_INSTANCE],
  ['service.version', SERVICE_VERSION],
  ['deployment.environment.name', ENVIRONMENT],
  ['deployment.environment', ENVIRONMENT],
  ['telemetry.sdk.version', SDK_VERSION],
  ['telemetry.sdk.language', SDK_LANGUAGE],
  ['vcs.ref.head.revision', REVISION],
  ['k8s.pod.name', POD_NAME],
  ['k8s.pod.uid', POD_UID],
  ['host.id', HOST_ID],
  ['host.ip', HOST_IP],
  ['host.name', HOST_NAME],
]);

/** Datadog's tracers copy baggage to keys of this prefix. */
const BAGGAGE_PREFIX = 'baggage.';

/** What a key means to the audit, as one of the numbers above. */
export function keyRole(key: string): number {
  return ROLES.get(key) ?? (key.startsWith(BAGGAGE_PREFIX) ? BAGGAGE : NO_ROLE);
}
