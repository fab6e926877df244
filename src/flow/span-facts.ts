import type { KeyedHash } from '../engine/cardinality/keyed-hash.js';
import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { AttributeReader } from '../engine/decode/otlp-attribute.js';
import { BOOL, INT, SPAN, STRING } from '../engine/model/location.js';
import type { ServiceRow } from '../engine/model/rollup.js';
import {
  COLD_START,
  HAS_BAGGAGE,
  HAS_ENVIRONMENT,
  HAS_ERROR_TYPE,
  HAS_INSTANCE,
  HAS_NAME,
  HAS_POD,
  HAS_POD_UID,
  HAS_PROFILE,
  HAS_REVISION,
  HAS_SDK_VERSION,
  HAS_VERSION,
  HTTP_5XX,
  KIND_CLIENT,
  KIND_SERVER,
  PEER_BY_NAME,
  type ResourceFacts,
  type SpanFacts,
  WARM_START,
} from '../engine/model/span-facts.js';
import { AttributeView, type RecordTable, type SpanView } from '../engine/model/span-view.js';
import { SpanFactsBuilder } from '../engine/quality/facts-builder.js';
import * as role from '../engine/quality/known-keys.js';
import { thresholdOf } from '../engine/quality/threshold.js';
import type { Judgements } from './judge.js';
import type { KeyBook, NameInfo } from './key-book.js';

const NOWHERE = -1;
const UNKNOWN = -1;
const SERVER_ERROR = 500;
/** Addresses and ports whose hash is remembered; a power of two. */
const PEERS = 1024;
const NO_PEER = { addressHash: UNKNOWN, port: 0, hash: 0 };

/** Resource keys that must only be there, and the bit that says so. */
const PRESENCE: ReadonlyMap<number, number> = new Map([
  [role.SERVICE_VERSION, HAS_VERSION],
  [role.ENVIRONMENT, HAS_ENVIRONMENT],
  [role.SDK_VERSION, HAS_SDK_VERSION],
  [role.REVISION, HAS_REVISION],
  [role.SERVICE_INSTANCE, HAS_INSTANCE],
  [role.POD_NAME, HAS_POD],
  [role.POD_UID, HAS_POD_UID],
]);

/** What the attributes of a resource are hashed to: role and keyed hash of the value. */
type Hashes = Map<number, number>;

/** What spans need of their resource, found out when it is met for the first time. */
export interface LearntResource {
  readonly facts: ResourceFacts;
  /** Keyed hash of the host, 32 bits; 0 where the resource names none. */
  readonly host: number;
  readonly isBrowser: boolean;
}

/**
 * Takes the facts down that the audit of traces needs, while a request is analysed: of each span numbers, of each
 * resource and scope what is the same for all of their spans. Values are looked at where a number follows from them (a
 * status code, a flag), or hashed with the tenant's key; none is kept.
 */
export class SpanFactsRecorder {
  private readonly builder = new SpanFactsBuilder();
  private readonly attribute = new AttributeView();
  private readonly reader = new AttributeReader(DEFAULT_DECODE_LIMITS);
  private readonly pair = new Float64Array(2);
  private readonly pairBytes = new Uint8Array(this.pair.buffer);
  /** Hashes of addresses with ports, by that of the address alone. */
  private readonly peers = new Array<typeof NO_PEER>(PEERS).fill(NO_PEER);
  private request = 0;
  private flags = 0;
  private threshold = UNKNOWN;
  private addressStart = NOWHERE;
  private addressEnd = 0;
  private addressHash = 0;
  private port = 0;
  private peerName = 0;

  constructor(
    private readonly book: KeyBook,
    private readonly hash: KeyedHash,
  ) {}

  begin(): void {
    this.request++;
    this.builder.begin();
  }

  /** @param isRefused the request as a whole: then nothing of it counts */
  finish(isRefused: boolean): SpanFacts {
    if (isRefused) this.builder.begin();
    return this.builder.finish();
  }

  /** @param bytes that the offsets of its spans point into */
  resource({ facts, host, isBrowser }: LearntResource, bytes: Uint8Array): void {
    this.builder.resource(facts, host, isBrowser, bytes);
  }

  /** Call it with the judgements of the resource's attributes. */
  learnResource(view: SpanView, judgements: Judgements, { service, environment }: ServiceRow): LearntResource {
    const { bytes, resource } = view;
    const hashes: Hashes = new Map();
    let keys = 0;
    let isBrowser = false;
    for (let i = 0; i < resource.size; i++) {
      if (resource.field[i]! >= 0) continue;
      const known = this.book.roles[judgements.key(i)]!;
      if (known < role.SERVICE_NAME) continue;
      this.reader.read(bytes, resource.start[i]!, resource.end[i]!, this.attribute);
      const { leaves, leafStart, leafEnd } = this.attribute;
      const isEmpty = leaves === 0 || leafEnd[0] === leafStart[0];
      if (isEmpty) continue;
      keys |= PRESENCE.get(known) ?? 0;
      if (known === role.SERVICE_NAME && judgements.type(i) === STRING) keys |= HAS_NAME;
      if (known === role.SDK_LANGUAGE) isBrowser = isText(bytes, leafStart[0]!, leafEnd[0]!, 'webjs');
      hashes.set(known, judgements.hash(i));
    }
    const pod = hashes.get(role.POD_NAME) ?? hashes.get(role.POD_UID);
    const instance = hashes.get(role.SERVICE_INSTANCE);
    const isComparable = pod !== undefined && instance !== undefined;
    const host = hashes.get(role.HOST_ID) ?? hashes.get(role.HOST_IP) ?? hashes.get(role.HOST_NAME) ?? 0;
    const facts = {
      ...{ service, environment, keys, nameHash: low(hashes.get(role.SERVICE_NAME) ?? 0) },
      instance: isComparable ? instance : UNKNOWN,
      instanceAndPod: isComparable ? this.hashPair(instance, pod) : UNKNOWN,
      kept: resource.size,
      dropped: Math.min(view.resourceDropped, 0xffff),
    };
    return { facts, host: low(host), isBrowser };
  }

  /** @param name those of the library's fields, as they may be stored */
  scope(name: string, version: string): void {
    this.builder.scope({ name, version });
  }

  /** Makes ready for the attributes of a span. */
  beginSpan(): void {
    this.flags = 0;
    this.threshold = UNKNOWN;
    this.addressStart = NOWHERE;
    this.port = 0;
    this.peerName = 0;
  }

  /** Record i of a table, whose key has a role. */
  note(known: number, bytes: Uint8Array, table: RecordTable, i: number, judgements: Judgements): void {
    const start = table.start[i]!;
    const end = table.end[i]!;
    switch (known) {
      case role.ERROR_TYPE:
        this.flags |= HAS_ERROR_TYPE;
        return;
      case role.BAGGAGE:
        this.flags |= HAS_BAGGAGE;
        return;
      case role.PROFILE:
        this.flags |= HAS_PROFILE;
        return;
      case role.HTTP_STATUS:
        if (this.number(bytes, start, end) >= SERVER_ERROR) this.flags |= HTTP_5XX;
        return;
      case role.COLD:
        this.flags |= this.number(bytes, start, end) === 1 ? COLD_START : WARM_START;
        return;
      case role.ADDRESS:
        this.addressStart = start;
        this.addressEnd = end;
        this.addressHash = judgements.hash(i);
        return;
      case role.PORT:
        this.port = this.number(bytes, start, end);
        return;
      case role.PEER_NAME:
        this.peerName = low(judgements.hash(i));
        return;
      case role.TRACE_STATE:
        if (table.location[i] === SPAN && table.field[i]! >= 0) this.threshold = thresholdOf(bytes, start, end);
    }
  }

  endSpan(view: SpanView, name: NameInfo | null): void {
    const kind = view.kind;
    let flags = this.flags;
    let peer = 0;
    if (kind === KIND_CLIENT && this.peerName !== 0) {
      peer = this.peerName;
      flags |= PEER_BY_NAME;
    } else if ((kind === KIND_CLIENT || kind === KIND_SERVER) && this.addressStart >= 0) {
      peer = this.address(view.bytes);
    }
    this.builder.add(view, name === null ? -1 : this.operation(name), flags, peer, this.threshold);
  }

  private operation(name: NameInfo): number {
    if (name.request !== this.request) {
      name.request = this.request;
      name.operation = this.builder.operation(name.template);
    }
    return name.operation;
  }

  /** The address alone, whichever key it stands under, and the port. */
  private address(bytes: Uint8Array): number {
    const { addressHash, port, peers } = this;
    const slot = (low(addressHash) ^ port) & (PEERS - 1);
    const peer = peers[slot]!;
    if (peer.addressHash === addressHash && peer.port === port) return peer.hash;
    this.reader.read(bytes, this.addressStart, this.addressEnd, this.attribute);
    const { valueStart, valueEnd } = this.attribute;
    const hash = low(this.hash.hash(bytes, valueStart, valueEnd, port));
    peers[slot] = { addressHash, port, hash };
    return hash;
  }

  /** The value of a short integer or boolean attribute, 0 where it is something else. */
  private number(bytes: Uint8Array, start: number, end: number): number {
    // As every encoder writes it: key, then a value of at most 3 bytes of varint.
    for (let size = 1; size <= 3; size++) {
      const at = end - size;
      if (at - 4 > start && bytes[at - 3] === 0x12 && bytes[at - 2] === size + 1 && isNumberTag(bytes[at - 1]!)) {
        return varint(bytes, at);
      }
    }
    return this.slowNumber(bytes, start, end);
  }

  private slowNumber(bytes: Uint8Array, start: number, end: number): number {
    this.reader.read(bytes, start, end, this.attribute);
    const { leaves, leafType, leafStart, leafEnd } = this.attribute;
    if (leaves !== 1 || leafEnd[0]! - leafStart[0]! > 4) return 0;
    if (leafType[0] === INT || leafType[0] === BOOL) return varint(bytes, leafStart[0]!);
    if (leafType[0] !== STRING) return 0;
    let value = 0;
    for (let at = leafStart[0]!; at < leafEnd[0]!; at++) value = value * 10 + ((bytes[at]! - 0x30) & 15);
    return value;
  }

  private hashPair(a: number, b: number): number {
    this.pair[0] = a;
    this.pair[1] = b;
    return this.hash.hash(this.pairBytes, 0, this.pairBytes.length, 0);
  }
}

function isNumberTag(tag: number): boolean {
  return tag === 0x18 || tag === 0x10;
}

function varint(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return value;
}

/** The lower 32 bits of a hash, never 0. */
function low(hash: number): number {
  return hash === 0 ? 0 : hash | 0 || 1;
}

function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
