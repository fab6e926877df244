import { hasPhrase, keyWords } from './key-words.js';
import type { StructureName } from './structure/index.js';

/** What an attribute's key says of the values under it. */
export interface KeyClass {
  /** The form that values have by convention, where the key says it. */
  readonly structure: StructureName | null;
  /** Values are ids, digests, versions, counts or times: those that look it, too, identify nobody. */
  readonly identifier: boolean;
  readonly userAgent: boolean;
  /** Values say who is talked to: they are what `siblings` of a detector's context are looked for in. */
  readonly peer: boolean;
}

/** Phrases of the key, by the form of the value; the first that is there decides. */
const STRUCTURES: readonly (readonly [StructureName, readonly string[]])[] = [
  ['stack-trace', ['stacktrace', 'stack trace', 'exception stack', 'error stack', 'backtrace']],
  ['cookies', ['cookie', 'cookies', 'set cookie']],
  ['sql', ['db query text', 'db statement', 'sql', 'sql query', 'query text']],
  ['query', ['url query', 'query string', 'querystring', 'url fragment']],
  ['url', ['url', 'uri', 'http target', 'referer', 'referrer', 'location', 'href', 'link', 'redirect']],
];

/** Last words of keys whose values are ids, digests, versions, counts or times. */
const IDENTIFIER_ENDS = new Set(
  (
    'id ids uid uids uuid guid hash sha sha1 sha256 md5 digest etag checksum crc commit revision rev ref version build tag ' +
    'count bytes size length duration ns us ms seconds sec nanos micros millis port pid tid line offset index seq sequence ' +
    'timestamp time date traceparent tracestate trace span parent nonce epoch lsn xid partition no'
  ).split(' '),
);
/** Words with which a number under such a key may be somebody's all the same. */
const ENTITIES = new Set(
  (
    'card pan cc account iban bank ssn tin tax vat passport national citizen identity person phone mobile msisdn tel imei ' +
    'imsi license licence patient medical health birth dob secret token password passwd key credential auth session cookie'
  ).split(' '),
);

const PEERS = [
  'server address',
  'peer service',
  'peer name',
  'peer hostname',
  'net peer',
  'network peer',
  'url full',
  'url domain',
  'http url',
  'http host',
  'header host',
  'server name',
  'out host',
  'rpc service',
  'db system',
  'db system name',
];

export function keyClass(key: string): KeyClass {
  const words = keyWords(key);
  const structure = STRUCTURES.find(([, phrases]) => phrases.some((phrase) => hasPhrase(words, phrase)))?.[0] ?? null;
  return {
    structure,
    identifier: IDENTIFIER_ENDS.has(words.at(-1) ?? '') && !words.some((word) => ENTITIES.has(word)),
    userAgent: hasPhrase(words, 'user agent') || words.includes('useragent'),
    peer: PEERS.some((phrase) => hasPhrase(words, phrase)),
  };
}
