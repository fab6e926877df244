/*
 * What the audit of whole traces needs of a span: numbers only. Ids and hashes are words of 32 bits, WORDS of them a
 * span, one span after the other; times are doubles, NUMBERS of them a span. Both columns move between threads as they
 * are. Names are in tables of the request that the words point into; all of them passed the detectors.
 */

/** Words of a span. */
export const WORDS = 17;
/** The 16 bytes of the trace id, zeros where there is none. */
export const AT_TRACE = 0;
/** The 8 bytes of the span id. */
export const AT_SPAN = 4;
/** The 8 bytes of the parent's id, zeros for a root. */
export const AT_PARENT = 6;
/** SpanKind in bits 0 to 2, StatusCode in bits 3 and 4, and the flags below. */
export const AT_FLAGS = 8;
/** Tells two deliveries of one span from two spans under one id. */
export const AT_DIGEST = 9;
/** Index into the table of resources. */
export const AT_RESOURCE = 10;
/** Index into the table of scopes. */
export const AT_SCOPE = 11;
/** Index into the table of operations. */
export const AT_OPERATION = 12;
/** Keyed hash of whom a CLIENT span calls or of where a SERVER span was called; 0 where it does not say. */
export const AT_PEER = 13;
/** Attributes, events and links that are there, in the lower 16 bits, and that the SDK dropped, in the upper ones. */
export const AT_KEPT = 14;
/** Keyed hash of the host, 0 where the resource names none. */
export const AT_HOST = 15;
/** Bytes of the span in OTLP protobuf. */
export const AT_SIZE = 16;

/** Numbers of a span. */
export const NUMBERS = 3;
/** Milliseconds since the epoch. */
export const AT_START = 0;
export const AT_END = 1;
/** Rejection threshold of the sampler, T/2^56 (0 keeps everything); -1 where the span does not say. */
export const AT_THRESHOLD = 2;

export const KIND_MASK = 7;
export const STATUS_SHIFT = 3;
export const STATUS_MASK = 3;
/** The parent is in another process, as the span's own flags say (bits 8 and 9 of Span.flags in trace.proto). */
export const REMOTE_PARENT = 1 << 5;
/** Has `error.type` or an exception. */
export const HAS_ERROR_TYPE = 1 << 6;
/** HTTP status 500 or above. */
export const HTTP_5XX = 1 << 7;
/** Baggage was copied into it. */
export const HAS_BAGGAGE = 1 << 8;
/** Links to a profile. */
export const HAS_PROFILE = 1 << 9;
/** `faas.coldstart` is true, or false. */
export const COLD_START = 1 << 10;
export const WARM_START = 1 << 11;
/** `AT_PEER` is the hash of a service's name, and not of an address. */
export const PEER_BY_NAME = 1 << 12;
/** The SDK is that of a browser (`telemetry.sdk.language` = `webjs`). */
export const FROM_BROWSER = 1 << 13;

export const KIND_INTERNAL = 1;
export const KIND_SERVER = 2;
export const KIND_CLIENT = 3;
export const KIND_PRODUCER = 4;
export const KIND_CONSUMER = 5;

/** Keys that a resource has, as bits of `ResourceFacts.keys`. */
export const HAS_NAME = 1;
export const HAS_INSTANCE = 1 << 1;
export const HAS_VERSION = 1 << 2;
export const HAS_ENVIRONMENT = 1 << 3;
export const HAS_SDK_VERSION = 1 << 4;
export const HAS_REVISION = 1 << 5;
export const HAS_POD = 1 << 6;
export const HAS_POD_UID = 1 << 7;

/** What a resource says, found out once per resource of a request. */
export interface ResourceFacts {
  readonly service: string;
  readonly environment: string;
  /** Keyed hash of the service's name, 32 bits. */
  readonly nameHash: number;
  readonly keys: number;
  /** Keyed hash of `service.instance.id`, 53 bits; -1 where there is none or no pod that it could be compared with. */
  readonly instance: number;
  /** Keyed hash of `service.instance.id` and the pod; -1 where one of them is missing. */
  readonly instanceAndPod: number;
  /** Attributes that are there and that the SDK dropped. */
  readonly kept: number;
  readonly dropped: number;
}

/** The library that made spans. */
export interface ScopeFacts {
  readonly name: string;
  readonly version: string;
}

/** The spans of one request. */
export interface SpanFacts {
  readonly spans: number;
  readonly words: Int32Array<ArrayBuffer>;
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly resources: readonly ResourceFacts[];
  readonly scopes: readonly ScopeFacts[];
  /** Templates of span names. */
  readonly operations: readonly string[];
}
