import type { ProblemDocument } from '../edge/serve/contract.js';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** An answer of the API that is an error, or no answer at all (status 0); the message is for people to read. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Every problem of the request. */
    readonly problems: ProblemDocument['errors'] = [],
    /** Of the problem; '' where there is none. */
    readonly code = '',
  ) {
    super(message);
  }
}

/** Reads from the API; fields of the query that are undefined are left out. */
export function get<T>(path: string, query: Query = {}): Promise<T> {
  return request<T>(withQuery(path, query), { method: 'GET' });
}

/** Where the browser itself can get something from the API, such as a file. */
export function addressOf(path: string, query: Query = {}): string {
  return `/api/v1${withQuery(path, query)}`;
}

function withQuery(path: string, query: Query): string {
  const fields = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const search = new URLSearchParams(fields).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** Changes something by the API. */
export function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  { body, ifMatch }: { body?: unknown; ifMatch?: string } = {},
): Promise<T> {
  const headers = new Headers();
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  return request<T>(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

/** Sends a document in YAML. */
export function sendYaml<T>(method: 'POST' | 'PUT', path: string, yaml: string, ifMatch?: string): Promise<T> {
  const headers = { 'content-type': 'application/yaml', ...(ifMatch !== undefined && { 'if-match': ifMatch }) };
  return request<T>(path, { method, headers, body: yaml });
}

/** Reads text with the tag of its version. */
export async function getTagged(path: string): Promise<{ text: string; etag: string }> {
  const response = await answer(path, { method: 'GET', headers: { accept: 'application/yaml' } });
  return { text: await response.text(), etag: response.headers.get('etag') ?? '' };
}

/** Reads text, such as YAML. */
export async function getText(path: string): Promise<string> {
  return (await answer(path, { method: 'GET' })).text();
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await answer(path, init);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function answer(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(addressOf(path), { credentials: 'same-origin', ...init }).catch(() => {
    throw new ApiError(0, 'spanwarden does not answer. Is the service running?');
  });
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ApiError> {
  const { status, statusText } = response;
  const isProblem = (response.headers.get('content-type') ?? '').startsWith('application/problem+json');
  if (!isProblem) return new ApiError(status, `The service answered ${status} ${statusText}.`);
  const { detail, errors, code } = (await response.json()) as ProblemDocument;
  const fields = errors.map(({ where, what, allowed }) => `${where}: ${what}; allowed is ${allowed}`);
  return new ApiError(status, [detail, ...fields].join('\n'), errors, code);
}
