import type { AccessToken, NewAccessToken } from '../../src/edge/serve/contract.js';
import type { Service } from './service.js';

/** Somebody who has a token. */
export interface Named {
  readonly token: NewAccessToken;
  ask<T>(path: string, init?: RequestInit): Promise<{ status: number; headers: Headers; text: string; body: T }>;
}

/** A token of somebody, made by the administrator. */
export async function nameCaller(
  service: Service,
  subject: string,
  roles: AccessToken['roles'],
  fields: object = {},
): Promise<Named> {
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  const made = await service.api<NewAccessToken>(
    '/api/v1/tokens',
    json('POST', { subject, roles, expires_at, ...fields }),
  );
  if (made.status !== 201) throw new Error(`no token of ${subject}: ${made.text}`);
  const authorization = `Bearer ${made.body.secret}`;
  return {
    token: made.body,
    ask: (path, init = {}) => service.api(path, { ...init, headers: { ...(init.headers as object), authorization } }),
  };
}

export function json(method: string, body: object): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
