import { isGood, type PostgresAccessTokenStore } from '../store/access-token-store.js';
import type { AccessTokenRow } from '../store/entities/access.js';
import type { OpenSession, PostgresSessionStore } from '../store/session-store.js';
import { isAccessToken } from './access-token.js';
import { ADMIN, type Caller, COLLECTOR } from './roles.js';
import { type Secrets, sameSecret, secretHash } from './secrets.js';

/** How long a token that was revoked in another process may still be good in this one. */
const FRESH_MS = 10_000;
const MAX_KNOWN = 10_000;
const HOUR_MS = 3_600_000;

interface Known {
  readonly row: AccessTokenRow;
  readonly until: number;
}

/** Tells who calls by what they present. */
export class Callers {
  /** Tokens that are good, by the hash of their secret: those of collectors come every few seconds. */
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly secrets: Secrets,
    private readonly tokens: PostgresAccessTokenStore,
    private readonly sessions: PostgresSessionStore,
  ) {}

  /** Null where the token is unknown, revoked or expired. */
  async byToken(token: string): Promise<Caller | null> {
    if (sameSecret(token, this.secrets.adminToken)) return ADMIN;
    if (sameSecret(token, this.secrets.collectorToken)) return COLLECTOR;
    if (!isAccessToken(token)) return null;
    const hash = secretHash(token);
    const now = Date.now();
    const known = this.known.get(hash);
    const row = known !== undefined && known.until > now ? known.row : await this.read(token, hash, now, known);
    return row !== null && isGood(row, now) ? callerOf(row) : null;
  }

  /** Null where the session is unknown or has ended, by itself or with its token. */
  async bySession(secret: string): Promise<Caller | null> {
    return ownerOf(await this.sessions.find(secret));
  }

  /** Uses a sign-in link up; null where it is unknown, expired or used, or its token has ended. */
  async byLink(secret: string): Promise<Caller | null> {
    const owner = await this.sessions.useLink(secret);
    if (owner?.token) this.touch(owner.token);
    return ownerOf(owner);
  }

  /** Forgets a token that was changed. */
  forget({ secretHash: hash }: AccessTokenRow): void {
    this.known.delete(hash);
  }

  private async read(token: string, hash: string, now: number, before?: Known): Promise<AccessTokenRow | null> {
    // While the database does not answer, collectors that were good stay good.
    const row = await this.tokens.bySecret(token).catch((error: unknown) => {
      if (before === undefined) throw error;
      return before.row;
    });
    this.known.delete(hash);
    if (row === null || !isGood(row, now)) return null;
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(hash, { row, until: now + FRESH_MS });
    if (now - (row.lastUsedAt?.getTime() ?? 0) >= HOUR_MS) this.touch(row);
    return row;
  }

  /** When a token was used last is a help, and no reason to refuse it. */
  private touch(row: AccessTokenRow): void {
    this.tokens.touch(row).catch(() => {});
  }
}

function ownerOf(session: OpenSession | null): Caller | null {
  if (session === null) return null;
  if (session.token === null) return ADMIN;
  return isGood(session.token, Date.now()) ? callerOf(session.token) : null;
}

function callerOf({ id, subject, roles, labels }: AccessTokenRow): Caller {
  return { subject, roles, tokenId: id, labels };
}
