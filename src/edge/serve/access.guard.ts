import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { parse } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { noteOf } from '../audit/request-note.js';
import { Callers } from '../auth/callers.js';
import { type Caller, mayAs } from '../auth/roles.js';
import { presentedToken, Senders } from '../auth/senders.js';
import { accessOf, OPERATION, type OperationDescription } from './operation.js';
import { ApiError } from './problems.js';

export type { Caller } from '../auth/roles.js';

export const SESSION_COOKIE = 'spanwarden_session';

/** Who is on record for what a request changes. */
export function authorOf(request: FastifyRequest): string {
  return request.caller?.subject ?? 'unknown';
}

declare module 'fastify' {
  interface FastifyRequest {
    caller?: Caller;
  }
}

/** Lets in whoever the route is for: by bearer token, or by the session cookie of the pages. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: Callers,
    private readonly senders: Senders,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const description = this.reflector.get<OperationDescription | undefined>(OPERATION, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    noteOf(request);
    const access = accessOf(description, request.method);
    if (access === 'public') return true;
    const token = presentedToken(request.headers.authorization);
    if (access === 'local' && token === null && this.isLocal(request)) return true;
    const caller = token === null ? await this.bySession(request) : await this.callers.byToken(token);
    if (caller === null) throw unauthenticated();
    request.caller = caller;
    const isEnough = access === 'local' || mayAs(access, caller.roles);
    if (!isEnough) throw forbidden(access, caller);
    return true;
  }

  private isLocal(request: FastifyRequest): boolean {
    const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
    return this.senders.isLocal(request.raw.socket.remoteAddress, forwarded);
  }

  /** A cookie is sent by a browser whoever asks it to, so changes must come from our own pages. */
  private async bySession(request: FastifyRequest): Promise<Caller | null> {
    const secret = parse(request.headers.cookie ?? '')[SESSION_COOKIE];
    if (secret === undefined) return null;
    const site = request.headers['sec-fetch-site'];
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads && site !== undefined && site !== 'same-origin') return null;
    return this.callers.bySession(secret);
  }
}

function unauthenticated(): ApiError {
  const allowed = 'a bearer token, or a session that a sign-in link opened';
  return new ApiError(401, 'unauthenticated', `authorization: missing or wrong; ${allowed}`, [], {
    'www-authenticate': 'Bearer',
  });
}

function forbidden(needed: string, { roles }: Caller): ApiError {
  return new ApiError(403, 'forbidden', `authorization: of ${roles.join(', ')}; the role ${needed} is needed`);
}
