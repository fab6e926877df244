/** Says whether a text has a form that is common in telemetry and identifies nobody. */
export type HarmlessShape = (text: string) => boolean;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** SHA and MD5 sums, trace and span ids: a power of two of hex digits, or the 40 of SHA-1 and the 56 and 96 of SHA-2. */
const HEX_ID =
  /^(?:[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;
const DIGEST = /^(?:(?:md5|sha-?(?:1|224|256|384|512))[:-]|W\/"|")?[A-Za-z0-9+/_-]{16,128}={0,2}"?$/;
const DIGEST_NAME = /^(?:md5|sha-?(?:1|224|256|384|512))[:-]|^W\/"/i;
const DATE_TIME = /^\d{4}-?\d{2}-?\d{2}(?:[T _-]?\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const VERSION = /^v?\d{1,6}(?:\.\d{1,8}){1,4}(?:[-+.][0-9A-Za-z.-]+)?$/;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z_$]*(?:[.:/\\-][A-Za-z_$]+)*$/;
const PATH = /^(?:[A-Za-z]:)?(?:[/\\][\w.@-]+){2,}[/\\]?$/;

/** Years 2001 to 2065 in the units that clocks count. */
const EPOCHS = [
  [10, 1e9, 3e9],
  [13, 1e12, 3e12],
  [16, 1e15, 3e15],
  [19, 1e18, 3e18],
] as const;

function isTimestamp(text: string): boolean {
  if (DATE_TIME.test(text)) return plausibleDate(text.replace(/-/g, ''));
  if (!/^\d+$/.test(text)) return false;
  const value = Number(text);
  return EPOCHS.some(([digits, from, to]) => text.length === digits && value >= from && value < to);
}

function plausibleDate(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6, 8))];
  return year >= 1970 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** The table of shapes that rules name in `never`. */
export const HARMLESS_SHAPES: Readonly<Record<string, HarmlessShape>> = {
  /** RFC 9562 text form. */
  uuid: (text) => UUID.test(text),
  /** Hex digits as long as ids and digests are. */
  'hex-id': (text) => HEX_ID.test(text),
  /** A digest that says so: `sha256:…`, `sha512-…`, an entity tag. */
  digest: (text) => DIGEST_NAME.test(text) && DIGEST.test(text),
  /** Nothing but digits. */
  digits: (text) => /^\d+$/.test(text),
  /** A date, a date with time, or seconds to nanoseconds since 1970. */
  timestamp: isTimestamp,
  /** `1.2.3`, `v2.0.0-rc.1`, `126.0.0.0`. */
  version: (text) => VERSION.test(text),
  /** Words without digits, as code has them: `existingSubscription`, `api-key`, `com.example.Thing`. */
  identifier: (text) => IDENTIFIER.test(text),
  /** A path of two or more folders. */
  path: (text) => PATH.test(text),
  /** One character, or two in turn, over and over. */
  repeated: (text) => /^(.{1,2})\1{2,}.?$/s.test(text),
};
