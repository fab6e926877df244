import { teamLike } from '../engine/cost/ownership.js';
import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { AttributeReader } from '../engine/decode/otlp-attribute.js';
import { FIELD_SCOPE_NAME, FIELD_SCOPE_VERSION, STRING } from '../engine/model/location.js';
import type { ServiceRow } from '../engine/model/rollup.js';
import { AttributeView, type RecordTable } from '../engine/model/span-view.js';
import type { Judgements } from './judge.js';
import { FIRST_RESOURCE_KEY, type KeyBook, REVISION_KEY, TEAM_LABELS } from './key-book.js';

const REVISION = /^[0-9a-f]{12,64}$/;

const SERVICE_NAME = new TextEncoder().encode('service.name');
const attribute = new AttributeView();
const reader = new AttributeReader(DEFAULT_DECODE_LIMITS);

/** A hash of the name that a resource gives its service, found before its keys are judged; 0 where it gives none. */
export function serviceHash(bytes: Uint8Array, table: RecordTable, seed: number): number {
  for (let i = 0; i < table.size; i++) {
    if (table.field[i]! >= 0 || reader.read(bytes, table.start[i]!, table.end[i]!, attribute) !== null) continue;
    if (!isServiceName(bytes) || attribute.type !== STRING) continue;
    let hash = seed;
    for (let at = attribute.leafStart[0]!; at < attribute.leafEnd[0]!; at++) {
      hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ bytes[at]!, 0x9e3779b1);
    }
    return hash ^ (hash >>> 15);
  }
  return 0;
}

function isServiceName(bytes: Uint8Array): boolean {
  const { keyStart, keyEnd } = attribute;
  return keyEnd - keyStart === SERVICE_NAME.length && SERVICE_NAME.every((byte, i) => bytes[keyStart + i] === byte);
}

/** What a resource says of its service, in names that may be stored. */
export function serviceIdentity(
  bytes: Uint8Array,
  table: RecordTable,
  judgements: Judgements,
  book: KeyBook,
): ServiceRow {
  const names = new Map<string, string>();
  for (let i = 0; i < table.size; i++) {
    if (table.field[i]! >= 0) continue;
    const key = book.resourceKeys[judgements.key(i) - FIRST_RESOURCE_KEY];
    if (key === undefined || judgements.type(i) !== STRING) continue;
    reader.read(bytes, table.start[i]!, table.end[i]!, attribute);
    names.set(key, book.name(bytes, attribute.leafStart[0]!, attribute.leafEnd[0]!).name);
  }
  const first = (...keys: readonly string[]): string => keys.map((key) => names.get(key)).find((name) => name) ?? '';
  return {
    service: first('service.name') || 'unknown_service',
    environment: first('deployment.environment.name', 'deployment.environment'),
    namespace: first('service.namespace'),
    teamHint: first(...book.ownerKeys),
    teamLabel: teamLike(first(...TEAM_LABELS)),
    kubernetesNamespace: teamLike(first('k8s.namespace.name')),
  };
}

/** The revision of the policies that the spans of a resource passed; '' where it says none, or what can be none. */
export function policyRevision(bytes: Uint8Array, table: RecordTable, judgements: Judgements, book: KeyBook): string {
  for (let i = 0; i < table.size; i++) {
    if (judgements.key(i) !== REVISION_KEY || table.field[i]! >= 0 || judgements.type(i) !== STRING) continue;
    reader.read(bytes, table.start[i]!, table.end[i]!, attribute);
    const { name } = book.name(bytes, attribute.leafStart[0]!, attribute.leafEnd[0]!);
    return REVISION.test(name) ? name : '';
  }
  return '';
}

/** Name and version of the library that a scope stands for, in names that may be stored. */
export function libraryOf(bytes: Uint8Array, table: RecordTable, book: KeyBook): [name: string, version: string] {
  let name = '';
  let version = '';
  for (let i = 0; i < table.size; i++) {
    const field = table.field[i];
    if (field !== FIELD_SCOPE_NAME && field !== FIELD_SCOPE_VERSION) continue;
    const text = book.name(bytes, table.start[i]!, table.end[i]!).name;
    if (field === FIELD_SCOPE_NAME) name = text;
    else version = text;
  }
  return [name, version];
}
