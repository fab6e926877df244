import type { GrowthClass } from '../model/growth.js';
import type { Location } from '../model/location.js';
import { isOwnKey } from '../model/own-keys.js';

export const ATTRIBUTE_ACTIONS = ['drop', 'hash', 'truncate', 'template', 'move_to_resource'] as const;
export type AttributeAction = (typeof ATTRIBUTE_ACTIONS)[number];

/** What one could do about an attribute, what speaks for it, and how many of the window's bytes it would save. */
export interface AttributeSuggestion {
  readonly action: AttributeAction;
  readonly reason: string;
  readonly savedBytes: number;
}

/** An attribute of a service at one location, in a window. */
export interface SuggestedAttribute {
  readonly key: string;
  readonly location: Location;
  readonly class: GrowthClass;
  readonly observations: number;
  readonly distinct: number;
  readonly bytes: number;
  readonly spans: number;
  /** Of the bytes of its service, 0 to 1. */
  readonly shareOfBytes: number;
  readonly shapes: readonly string[];
  readonly isText: boolean;
  readonly isSensitive: boolean;
  /** Whether a naming convention describes it. */
  readonly isKnown: boolean;
  /** Whether the service's resource has an attribute of the same key. */
  readonly isInResource: boolean;
}

/** Longer values are cut to it. */
export const TRUNCATE_TO = 128;
/** A keyed or plain SHA-256 in hexadecimal. */
const HASH_LENGTH = 64;
/** Bytes of an attribute of a span beside its key and value: tags and lengths (opentelemetry.proto.common.v1.KeyValue). */
const FRAME = 8;
const MEAN_LONG = 256;
const MOST_SPANS = 0.9;
const LEAST_SHARE = 0.01;
const PATH_SHAPE = /\/.*(?:9|h|x|uuid)/;

/** What could be done about an attribute, the largest saving first. */
export function suggestForAttribute(attribute: SuggestedAttribute): AttributeSuggestion[] {
  if (attribute.class === 'insufficient_evidence' || attribute.observations === 0) return [];
  if (isOwnKey(attribute.key)) return [];
  return [template, hash, drop, moveToResource, truncate]
    .map((suggest) => suggest(attribute))
    .filter((suggestion) => suggestion !== null)
    .sort((a, b) => b.savedBytes - a.savedBytes);
}

const isEndless = ({ class: growth }: SuggestedAttribute): boolean => growth === 'growing' || growth === 'unbounded';
const isOfSpans = ({ location }: SuggestedAttribute): boolean => location === 'span' || location === 'event';

function template(a: SuggestedAttribute): AttributeSuggestion | null {
  if (!isEndless(a) || !a.shapes.some((shape) => PATH_SHAPE.test(shape))) return null;
  const reason =
    'Its values are paths that hold ids: with placeholders for these there are as many as there are routes.';
  return { action: 'template', reason, savedBytes: 0 };
}

function hash(a: SuggestedAttribute): AttributeSuggestion | null {
  if (!isEndless(a) || !a.isSensitive || !a.isText) return null;
  const saved = a.bytes - a.observations * (a.key.length + HASH_LENGTH + FRAME);
  const reason = 'Its values are sensitive, and as hashes they can still be told apart and looked up by who knows one.';
  return { action: 'hash', reason, savedBytes: Math.max(0, saved) };
}

function drop(a: SuggestedAttribute): AttributeSuggestion | null {
  if (!isOfSpans(a)) return null;
  if (a.class === 'constant' && a.isInResource) {
    return {
      action: 'drop',
      reason: 'It says the same on every span, and the resource says it too.',
      savedBytes: a.bytes,
    };
  }
  if (a.class !== 'unbounded' || a.isKnown || a.shareOfBytes < LEAST_SHARE) return null;
  const reuse = (a.observations / a.distinct).toFixed(1);
  const reason = `Nearly every value is new (${reuse} observations a value), no convention knows it, and it takes ${percent(a.shareOfBytes)} of the service's bytes.`;
  return { action: 'drop', reason, savedBytes: a.bytes };
}

function moveToResource(a: SuggestedAttribute): AttributeSuggestion | null {
  const isOnMost = a.observations >= MOST_SPANS * a.spans;
  if (a.location !== 'span' || a.class !== 'constant' || a.isInResource || !isOnMost) return null;
  const reason = `It has one value, on ${percent(Math.min(1, a.observations / a.spans))} of the spans: a resource says it once for all of them.`;
  return { action: 'move_to_resource', reason, savedBytes: a.bytes };
}

/** What is cut off is at least what the mean length is above the limit, since the longer values weigh more. */
function truncate(a: SuggestedAttribute): AttributeSuggestion | null {
  const mean = a.bytes / a.observations - a.key.length - FRAME;
  if (!isOfSpans(a) || !a.isText || mean < MEAN_LONG) return null;
  const reason = `Its values have ${Math.round(mean)} bytes on average; the first ${TRUNCATE_TO} often are enough.`;
  return { action: 'truncate', reason, savedBytes: Math.round(a.observations * (mean - TRUNCATE_TO)) };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
