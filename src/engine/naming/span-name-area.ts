import { isSql } from './span-name.js';

/** What a span is about, as far as conventions for names go. */
export const AREAS = ['http', 'database', 'messaging', 'rpc', 'graphql', 'faas', 'other'] as const;
export type Area = (typeof AREAS)[number];

/** Span kinds of OTLP by their numbers. */
export const SERVER = 2;
export const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

const METHOD = /^(?:HTTP )?(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|QUERY|HTTP)(?=$|\s)/;
/** A method and a path, or nothing but one of both. */
const HTTP = new RegExp(
  String.raw`${METHOD.source}(?:$|\s+(?:https?:/)?/|\s+[\w-]+(?:\.[\w-]+)+(?:[:/]|$))|^https?://`,
);
const PATH = /^\//;
const GRAPHQL = /^(?:graphql\b|(?:query|mutation|subscription)(?: [A-Za-z_]\w*)?$)/i;
const STORE_VERB =
  /^(?:(?:pg|mysql2?|redis|mongodb|mongoose|elasticsearch|cassandra|dynamodb|memcached|prisma|knex|sqlite)[.:-]|(?:select|insert|update|delete|merge|upsert|find|findone|aggregate|count|get|set|hget|hset|hmget|hgetall|mget|mset|del|exists|expire|incr|lpush|rpush|zadd|query)(?:\s|$))/i;
/** `package.Service/Method`. */
const RPC = /^(?:[\w{}]+\.)*[\w{}]+\/[\w{}]+$/;
const FAAS = /^(?:faas\b|lambda\b|invoke\s)/i;

/** The area of a span by its name and kind. */
export function areaOf(name: string, kind: number): Area {
  if (kind === PRODUCER || kind === CONSUMER) return 'messaging';
  if (isSql(name)) return 'database';
  if (HTTP.test(name) || (PATH.test(name) && (kind === SERVER || kind === CLIENT))) return 'http';
  if (kind !== CLIENT && GRAPHQL.test(name)) return 'graphql';
  if (kind === CLIENT && STORE_VERB.test(name)) return 'database';
  if ((kind === CLIENT || kind === SERVER) && RPC.test(name)) return 'rpc';
  return FAAS.test(name) ? 'faas' : 'other';
}

/** Whether a name is the method of an HTTP request and nothing else. */
export function isOnlyMethod(name: string): boolean {
  return METHOD.exec(name)?.[0] === name;
}
