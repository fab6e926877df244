import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { parse } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { type Secrets, sameSecret } from '../auth/secrets.js';
import { presentedToken, Senders } from '../auth/senders.js';
import { PostgresSessionStore } from '../store/session-store.js';
import { SECRETS } from '../tokens.js';
import { type Access, OPERATION, type OperationDescription } from './operation.js';
import { ApiError } from './problems.js';

export const SESSION_COOKIE = 'spanwarden_session';

/** Who calls, as far as routes want to know. */
export interface Caller {
  readonly subject: string;
}

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
    @Inject(SECRETS) private readonly secrets: Secrets,
    private readonly sessions: PostgresSessionStore,
    private readonly senders: Senders,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const description = this.reflector.get<OperationDescription | undefined>(OPERATION, context.getHandler());
    const access: Access = description?.access ?? 'admin';
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (access === 'local' && this.isLocal(request)) return true;
    const token = presentedToken(request.headers.authorization);
    const subject = token === null ? await this.sessionSubject(request) : this.tokenSubject(token);
    if (subject === null || (subject === 'collector' && access === 'admin')) {
      const allowed = 'a bearer token, or a session that a sign-in link opened';
      throw new ApiError(401, 'unauthenticated', `authorization: missing or wrong; ${allowed}`, [], {
        'www-authenticate': 'Bearer',
      });
    }
    request.caller = { subject };
    return true;
  }

  private isLocal(request: FastifyRequest): boolean {
    const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
    return this.senders.maySend(request.raw.socket.remoteAddress, undefined, forwarded);
  }

  private tokenSubject(token: string): string | null {
    if (sameSecret(token, this.secrets.adminToken)) return 'admin';
    return sameSecret(token, this.secrets.collectorToken) ? 'collector' : null;
  }

  /** A cookie is sent by a browser whoever asks it to, so changes must come from our own pages. */
  private async sessionSubject(request: FastifyRequest): Promise<string | null> {
    const secret = parse(request.headers.cookie ?? '')[SESSION_COOKIE];
    if (secret === undefined) return null;
    const site = request.headers['sec-fetch-site'];
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads && site !== undefined && site !== 'same-origin') return null;
    return this.sessions.subject(secret);
  }
}
