import { randomBytes } from 'node:crypto';
import { Body, Controller, Delete, Get, Post, Req, Res } from '@nestjs/common';
import { parse, serialize } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Callers } from '../../auth/callers.js';
import { type Caller, isPerson } from '../../auth/roles.js';
import { PostgresSessionStore } from '../../store/session-store.js';
import { SESSION_COOKIE } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { ApiError, read } from '../problems.js';

const SESSION_HOURS = 12;

/** Sessions of the pages: opened with a one-time link or a token of a person, kept in a cookie. */
@Controller('api/v1/session')
export class SessionController {
  constructor(
    private readonly callers: Callers,
    private readonly sessions: PostgresSessionStore,
  ) {}

  @Get()
  @Operation({ summary: 'Who is signed in', answer: contract.Session })
  current(@Req() request: FastifyRequest): contract.Session {
    return show(request.caller!);
  }

  @Post()
  @Operation({
    summary: 'Signs in with the token of a sign-in link, or with a token of a person',
    body: contract.SessionBody,
    answer: contract.Session,
    access: 'public',
    errors: { 400: 'a field of the body is not valid', 401: 'the token is unknown, used or expired' },
  })
  async signIn(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<contract.Session> {
    const { token } = read(contract.SessionBody, body, 'body');
    const secret = randomBytes(32).toString('base64url');
    const expires = new Date(Date.now() + SESSION_HOURS * 3_600_000);
    const caller = (await this.callers.byToken(token)) ?? (await this.callers.byLink(token));
    if (caller === null || !isPerson(caller.roles)) {
      const allowed = 'a new link, or a token of a person';
      throw new ApiError(401, 'unauthenticated', `token: unknown, used or expired; ${allowed}`);
    }
    await this.sessions.open(secret, caller.subject, expires, caller.tokenId);
    request.caller = caller;
    reply.header('set-cookie', sessionCookie(secret, SESSION_HOURS * 3600));
    return show(caller);
  }

  @Delete()
  @Operation({ summary: 'Signs out', status: 204, access: 'public' })
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const secret = parse(request.headers.cookie ?? '')[SESSION_COOKIE];
    if (secret !== undefined) {
      const caller = await this.callers.bySession(secret);
      if (caller !== null) request.caller = caller;
      await this.sessions.close(secret);
    }
    reply.header('set-cookie', sessionCookie('', 0));
  }
}

function show({ subject, roles }: Caller): contract.Session {
  return { subject, roles: [...roles] };
}

/** No script can read the cookie, and no other site can make a browser send it. */
function sessionCookie(value: string, maxAge: number): string {
  return serialize(SESSION_COOKIE, value, { httpOnly: true, sameSite: 'strict', path: '/', maxAge });
}
