import { randomBytes } from 'node:crypto';
import { Body, Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { parse, serialize } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Secrets, sameSecret } from '../../auth/secrets.js';
import { PostgresSessionStore } from '../../store/session-store.js';
import { SECRETS } from '../../tokens.js';
import { authorOf, SESSION_COOKIE } from '../access.guard.js';
import * as contract from '../contract.js';
import { Operation } from '../operation.js';
import { ApiError, read } from '../problems.js';

const SESSION_HOURS = 12;

/** Sessions of the pages: opened with the one-time link or the admin token, kept in a cookie. */
@Controller('api/v1/session')
export class SessionController {
  constructor(
    @Inject(SECRETS) private readonly secrets: Secrets,
    private readonly sessions: PostgresSessionStore,
  ) {}

  @Get()
  @Operation({ summary: 'Who is signed in', answer: contract.Session })
  current(@Req() request: FastifyRequest): contract.Session {
    return { subject: authorOf(request) };
  }

  @Post()
  @Operation({
    summary: 'Signs in with the token of a sign-in link, or with the admin token',
    body: contract.SessionBody,
    answer: contract.Session,
    access: 'public',
    errors: { 401: 'the token is unknown, used or expired' },
  })
  async signIn(@Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<contract.Session> {
    const { token } = read(contract.SessionBody, body, 'body');
    if (!sameSecret(token, this.secrets.adminToken) && !(await this.sessions.useLink(token))) {
      throw new ApiError(401, 'unauthenticated', 'token: unknown, used or expired; a new link or the admin token');
    }
    const secret = randomBytes(32).toString('base64url');
    const subject = 'admin';
    await this.sessions.open(secret, subject, new Date(Date.now() + SESSION_HOURS * 3_600_000));
    reply.header('set-cookie', sessionCookie(secret, SESSION_HOURS * 3600));
    return { subject };
  }

  @Delete()
  @Operation({ summary: 'Signs out', status: 204, access: 'public' })
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const secret = parse(request.headers.cookie ?? '')[SESSION_COOKIE];
    if (secret !== undefined) await this.sessions.close(secret);
    reply.header('set-cookie', sessionCookie('', 0));
  }
}

/** No script can read the cookie, and no other site can make a browser send it. */
function sessionCookie(value: string, maxAge: number): string {
  return serialize(SESSION_COOKIE, value, { httpOnly: true, sameSite: 'strict', path: '/', maxAge });
}
