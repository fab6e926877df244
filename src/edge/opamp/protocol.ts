import protobuf from 'protobufjs';
import { SERVER_CAPABILITIES, type ServerMessage } from '../../engine/opamp/messages.js';

/*
 * OpAMP on the wire: the fields of opamp-spec's proto/opamp.proto that we read and write. Fields that we do not know are
 * skipped, as the protocol asks for.
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package opamp;
  message AgentToServer {
    bytes instance_uid = 1; uint64 sequence_num = 2; AgentDescription agent_description = 3; uint64 capabilities = 4;
    ComponentHealth health = 5; EffectiveConfig effective_config = 6; RemoteConfigStatus remote_config_status = 7;
    AgentDisconnect agent_disconnect = 9; uint64 flags = 10; AvailableComponents available_components = 14;
  }
  message AgentDescription { repeated KeyValue identifying_attributes = 1; repeated KeyValue non_identifying_attributes = 2; }
  message ComponentHealth { bool healthy = 1; string last_error = 3; string status = 4; }
  message EffectiveConfig { AgentConfigMap config_map = 1; }
  message AgentConfigMap { map<string, AgentConfigFile> config_map = 1; }
  message AgentConfigFile { bytes body = 1; string content_type = 2; }
  message RemoteConfigStatus { bytes last_remote_config_hash = 1; int32 status = 2; string error_message = 3; }
  message AgentDisconnect { }
  message AvailableComponents { map<string, ComponentDetails> components = 1; bytes hash = 2; }
  message ComponentDetails { map<string, ComponentLeaf> sub_component_map = 2; }
  message ComponentLeaf { }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  }
  message ServerToAgent {
    bytes instance_uid = 1; ServerErrorResponse error_response = 2; AgentRemoteConfig remote_config = 3;
    uint64 flags = 6; uint64 capabilities = 7; AgentIdentification agent_identification = 8;
  }
  message ServerErrorResponse { string error_message = 1; int32 type = 2; RetryInfo retry_info = 3; }
  message RetryInfo { uint64 retry_after_nanoseconds = 1; }
  message AgentRemoteConfig { AgentConfigMap config = 1; bytes config_hash = 2; }
  message AgentIdentification { bytes new_instance_uid = 1; }
`);
const AgentToServer = root.lookupType('opamp.AgentToServer');
const ServerToAgent = root.lookupType('opamp.ServerToAgent');

/** Of the one file that is offered; a supervisor merges files in the order of their names. */
const FILE = 'spanwarden.yaml';
const ERROR_TYPES = { 'bad-request': 1, unavailable: 2 } as const;
const REQUEST_INSTANCE_UID = 0x1;
/** How long an agent waits that is told that we are not available: the least that the protocol recommends. */
export const RETRY_SECONDS = 30;
/** Base-128 varint 0 before each message on a WebSocket. */
const HEADER = 0;

interface KeyValue {
  readonly key: string;
  /** `value` is the name of the field that is set. */
  readonly value: (Record<string, unknown> & { readonly value?: string }) | null;
}

/** AgentToServer as it came, with texts that nobody looked at yet. */
export interface RawMessage {
  /** 16 bytes. */
  readonly instance: Uint8Array;
  readonly sequence: number;
  readonly capabilities: number;
  readonly attributes: readonly (readonly [key: string, value: string])[] | null;
  readonly health: { readonly healthy: boolean; readonly status: string; readonly error: string } | null;
  readonly report: { readonly hash: Uint8Array; readonly status: number; readonly error: string } | null;
  readonly effective: ReadonlyMap<string, Uint8Array> | null;
  /** Null where it said nothing of them; empty where it gave a hash only. */
  readonly components: readonly string[] | null;
  readonly disconnects: boolean;
  readonly wantsInstance: boolean;
}

/** As protobufjs reads it. */
type Uint64 = number | { readonly low: number };

interface Decoded {
  instanceUid: Uint8Array;
  sequenceNum: Uint64;
  capabilities: Uint64;
  flags: Uint64;
  agentDescription: { identifyingAttributes: KeyValue[]; nonIdentifyingAttributes: KeyValue[] } | null;
  health: { healthy: boolean; lastError: string; status: string } | null;
  effectiveConfig: { configMap: { configMap: Record<string, { body: Uint8Array }> } | null } | null;
  remoteConfigStatus: { lastRemoteConfigHash: Uint8Array; status: number; errorMessage: string } | null;
  agentDisconnect: object | null;
  availableComponents: { components: Record<string, { subComponentMap: Record<string, object> }> } | null;
}

/** What is wrong with bytes that are no message; never shows any of them. */
export class BadMessage extends Error {}

/**
 * Reads AgentToServer.
 *
 * @throws BadMessage
 */
export function decodeAgentMessage(bytes: Uint8Array): RawMessage {
  const decoded = decode(bytes);
  if (decoded.instanceUid.length !== 16) throw new BadMessage('instance_uid: not an id; 16 bytes');
  const { agentDescription, health, remoteConfigStatus, effectiveConfig, availableComponents } = decoded;
  return {
    instance: decoded.instanceUid,
    sequence: Number(decoded.sequenceNum),
    capabilities: lowBits(decoded.capabilities),
    attributes:
      agentDescription === null
        ? null
        : [...agentDescription.identifyingAttributes, ...agentDescription.nonIdentifyingAttributes].flatMap(text),
    health: health === null ? null : { healthy: health.healthy, status: health.status, error: health.lastError },
    report:
      remoteConfigStatus === null
        ? null
        : {
            hash: remoteConfigStatus.lastRemoteConfigHash,
            status: remoteConfigStatus.status,
            error: remoteConfigStatus.errorMessage,
          },
    effective:
      effectiveConfig === null
        ? null
        : new Map(Object.entries(effectiveConfig.configMap?.configMap ?? {}).map(([name, file]) => [name, file.body])),
    components: availableComponents === null ? null : componentsOf(availableComponents.components),
    disconnects: decoded.agentDisconnect !== null,
    wantsInstance: (lowBits(decoded.flags) & REQUEST_INSTANCE_UID) !== 0,
  };
}

function decode(bytes: Uint8Array): Decoded {
  try {
    return AgentToServer.decode(bytes) as unknown as Decoded;
  } catch {
    throw new BadMessage('body: cannot be read; AgentToServer of opamp.proto, as protobuf');
  }
}

/** The 16 lowest bits, which are all that have a meaning. */
function lowBits(value: Uint64): number {
  return (typeof value === 'number' ? value % 65_536 : value.low) & 0xffff;
}

/** Attributes of one value; lists and maps say nothing that anybody selects by. */
function text({ key, value }: KeyValue): [string, string][] {
  return value?.value === undefined ? [] : [[key, String(value[value.value])]];
}

/** As `receivers/otlp`. */
function componentsOf(components: Record<string, { subComponentMap: Record<string, object> }>): string[] {
  return Object.entries(components).flatMap(([kind, { subComponentMap }]) =>
    Object.keys(subComponentMap).map((type) => `${kind}/${type}`),
  );
}

/** Writes ServerToAgent. */
export function encodeServerMessage(instance: Uint8Array, message: ServerMessage): Uint8Array {
  if (message.error !== null) {
    const later = message.error === 'unavailable' && { retryInfo: { retryAfterNanoseconds: RETRY_SECONDS * 1e9 } };
    const errorResponse = { type: ERROR_TYPES[message.error], errorMessage: message.what, ...later };
    return ServerToAgent.encode({ instanceUid: instance, errorResponse }).finish();
  }
  const { flags, remoteConfig, newInstance } = message;
  return ServerToAgent.encode({
    instanceUid: instance,
    capabilities: SERVER_CAPABILITIES,
    ...(flags !== 0 && { flags }),
    ...(newInstance !== null && { agentIdentification: { newInstanceUid: newInstance } }),
    ...(remoteConfig !== null && {
      remoteConfig: {
        config: { configMap: { [FILE]: { body: Buffer.from(remoteConfig.text), contentType: 'text/yaml' } } },
        configHash: Buffer.from(remoteConfig.hash, 'hex'),
      },
    }),
  }).finish();
}

/** A message of a WebSocket without its header, which some senders leave out: no message begins with 0. */
export function withoutHeader(frame: Uint8Array): Uint8Array {
  return frame[0] === HEADER ? frame.subarray(1) : frame;
}

export function withHeader(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(HEADER), message]);
}

/** The id of an agent as people write it, as a UUID. */
export function instanceId(uid: Uint8Array): string {
  const hex = Buffer.from(uid).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
