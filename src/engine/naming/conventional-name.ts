import { type Area, CLIENT } from './span-name-area.js';

/** The value of an attribute as text, undefined where the span does not have it. */
export type AttributeOf = (key: string) => string | undefined;

type Part = (get: AttributeOf) => string | undefined;

const key =
  (name: string): Part =>
  (get) =>
    get(name) || undefined;

/** The first of several that is there. */
const either =
  (...parts: readonly Part[]): Part =>
  (get) => {
    for (const part of parts) {
      const text = part(get);
      if (text !== undefined) return text;
    }
    return undefined;
  };

const method: Part = (get) => (get('http.request.method') === '_OTHER' ? 'HTTP' : key('http.request.method')(get));

const server: Part = (get) => {
  const [address, port] = [get('server.address'), get('server.port')];
  return address && port ? `${address}:${port}` : address;
};

const collection = either(key('db.collection.name'), key('db.stored_procedure.name'), key('db.namespace'), server);

/** A destination that was made for one client has a name of its own. */
const destination: Part = (get) => {
  const isPassing =
    get('messaging.destination.temporary') === 'true' || get('messaging.destination.anonymous') === 'true';
  const name = isPassing ? undefined : get('messaging.destination.name');
  return get('messaging.destination.template') || name || server(get);
};

/**
 * Span names in the order in which the conventions prefer them; all parts of one must be there. Sources, at version
 * 1.44 of the semantic conventions: docs/http/http-spans.md, docs/db/database-spans.md, docs/messaging/messaging-spans.md,
 * docs/rpc/rpc-spans.md, docs/graphql/graphql-spans.md, docs/faas/faas-spans.md.
 */
const NAMES: Readonly<Record<Exclude<Area, 'http' | 'other'>, readonly (readonly Part[])[]>> = {
  database: [[key('db.query.summary')], [key('db.operation.name'), collection], [collection], [key('db.system.name')]],
  messaging: [[key('messaging.operation.name'), destination], [key('messaging.operation.name')]],
  rpc: [[key('rpc.method')], [key('rpc.system.name')]],
  // The name of the operation is the client's to choose, so the conventions leave it out.
  graphql: [[key('graphql.operation.type')], [() => 'GraphQL Operation']],
  faas: [[key('faas.name')]],
};
const HTTP_CLIENT = [[method, key('url.template')], [method]];
const HTTP_SERVER = [[method, key('http.route')], [method]];

/** Names of database spans are cut there (docs/db/database-spans.md). */
export const MAX_DATABASE_NAME = 255;

/**
 * The name that the semantic conventions give a span, from its attributes alone: a name must hold nothing that is in no
 * attribute. Null where the conventions do not name such spans, or the attributes they name them by are missing.
 *
 * @param kind of OTLP, a number
 */
export function conventionalName(area: Area, kind: number, get: AttributeOf): string | null {
  if (area === 'other') return null;
  const patterns = area === 'http' ? (kind === CLIENT ? HTTP_CLIENT : HTTP_SERVER) : NAMES[area];
  for (const pattern of patterns) {
    const parts = pattern.map((part) => part(get));
    if (parts.every((part) => part !== undefined)) return parts.join(' ').slice(0, MAX_DATABASE_NAME);
  }
  return null;
}
