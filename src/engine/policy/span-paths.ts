import type {
  AnyValue,
  KeyValue,
  ResourceSpans,
  ScopeSpans,
  SpanEvent,
  TraceSpan,
  WithAttributes,
} from '../model/trace-request.js';
import { attributeBytes, textBytes } from '../model/trace-size.js';
import { ENVIRONMENT_KEYS } from './environment-keys.js';
import type { AttributePath, Context, FieldPath, Path } from './statements.js';

/** A value of OTLP, which is not the empty one. */
export type Value = AnyValue;

/** What paths of OTTL start from: one resource, scope, span or event, and all that is above it. */
export interface Place {
  readonly resource: ResourceSpans;
  readonly scope?: ScopeSpans;
  readonly span?: TraceSpan;
  readonly spanevent?: SpanEvent;
}

/**
 * The value at a path; undefined where there is none, or what OTTL reads as nil: the empty value and no bytes. Fields are
 * texts and always there.
 */
export function read(place: Place, path: Path): Value | undefined {
  if (typeof path === 'string') return { stringValue: FIELDS[path].get(place) ?? '' };
  const value = attributesOf(place, path.of)?.find(({ key = '' }) => key === path.key)?.value;
  return value === undefined || Object.keys(value).length === 0 || value.bytesValue === '' ? undefined : value;
}

export function textAt(place: Place, path: Path): string | undefined {
  return read(place, path)?.stringValue;
}

export function serviceOf(place: Place): string | undefined {
  return textAt(place, { of: 'resource', key: 'service.name' });
}

/** Whether a place is in one of the services, and in one of the environments where some are named. */
export function isIn(place: Place, services: readonly string[], environments: readonly string[]): boolean {
  const service = serviceOf(place);
  if (service === undefined || !services.includes(service)) return false;
  const named = ENVIRONMENT_KEYS.map((key) => textAt(place, { of: 'resource', key }));
  return environments.length === 0 || named.some((name) => name !== undefined && environments.includes(name));
}

/** OTLP protobuf bytes of what is at a path: of the attribute with its key, or of the field. */
export function bytesAt(place: Place, path: Path): number {
  if (typeof path === 'string') return textBytes(FIELDS[path].get(place) ?? '');
  const attribute = attributesOf(place, path.of)?.find(({ key = '' }) => key === path.key);
  return attribute === undefined ? 0 : attributeBytes(attribute);
}

/** Writes a value, at the end where the attribute is new. Says true, for it did. */
export function write(place: Place, path: Path, value: Value): true {
  if (typeof path === 'string') FIELDS[path].set(place, value.stringValue ?? '');
  else {
    const owner = ownerOf(place, path.of);
    owner.attributes ??= [];
    const known = owner.attributes.find(({ key = '' }) => key === path.key);
    if (known === undefined) owner.attributes.push({ key: path.key, value });
    else known.value = value;
  }
  return true;
}

/** Removes the first attribute of a key, whose place the last one takes, and says whether there was one. */
export function remove(place: Place, path: AttributePath): boolean {
  const attributes = attributesOf(place, path.of);
  const at = attributes?.findIndex(({ key = '' }) => key === path.key) ?? -1;
  if (at < 0) return false;
  const last = attributes!.pop()!;
  if (at < attributes!.length) attributes![at] = last;
  return true;
}

/** The first attribute of a key. */
export function attributeAt(place: Place, path: AttributePath): KeyValue | undefined {
  return attributesOf(place, path.of)?.find(({ key = '' }) => key === path.key);
}

/** Removes attributes with other keys than these, and says what went. */
export function keep(place: Place, of: Context, keys: readonly string[]): { attributes: number; bytes: number } {
  const attributes = attributesOf(place, of) ?? [];
  const gone = attributes.filter(({ key = '' }) => !keys.includes(key));
  if (gone.length > 0) ownerOf(place, of).attributes = attributes.filter(({ key = '' }) => keys.includes(key));
  return { attributes: gone.length, bytes: gone.reduce((sum, attribute) => sum + attributeBytes(attribute), 0) };
}

/** Attributes whose text begins with a mark. */
export function markedTexts(
  place: Place,
  of: Context,
  mark: string,
): { readonly attribute: KeyValue; readonly path: AttributePath }[] {
  return (attributesOf(place, of) ?? [])
    .filter(({ value }) => value?.stringValue?.startsWith(mark))
    .map((attribute) => ({ attribute, path: { of, key: attribute.key ?? '' } }));
}

function attributesOf(place: Place, of: Context): WithAttributes['attributes'] {
  if (of === 'resource') return place.resource.resource?.attributes;
  return of === 'scope' ? place.scope?.scope?.attributes : place[of]?.attributes;
}

function ownerOf(place: Place, of: Context): WithAttributes {
  if (of === 'resource') return (place.resource.resource ??= {});
  return of === 'scope' ? (place.scope!.scope ??= {}) : place[of]!;
}

interface Field {
  get(place: Place): string | undefined;
  set(place: Place, text: string): void;
}

const FIELDS: Readonly<Record<FieldPath, Field>> = {
  'span.name': field((place) => place.span, 'name'),
  'span.status.message': field((place, create) => owned(place.span!, 'status', create), 'message'),
  'span.trace_state': field((place) => place.span, 'traceState'),
  'spanevent.name': field((place) => place.spanevent, 'name'),
  'scope.name': field((place, create) => owned(place.scope!, 'scope', create), 'name'),
  'scope.version': field((place, create) => owned(place.scope!, 'scope', create), 'version'),
  'resource.schema_url': field((place) => place.resource, 'schemaUrl'),
  'scope.schema_url': field((place) => place.scope, 'schemaUrl'),
};

function field<K extends string>(
  ownerOfField: (place: Place, create: boolean) => { [key in K]?: string } | undefined,
  name: K,
): Field {
  return {
    get: (place) => ownerOfField(place, false)?.[name],
    set(place, text) {
      ownerOfField(place, true)![name] = text;
    },
  };
}

function owned<K extends string, T extends object>(owner: { [key in K]?: T }, name: K, create: boolean): T | undefined {
  if (create) owner[name] ??= {} as T;
  return owner[name];
}
