import type { DataSource } from 'typeorm';
import { secretHash } from '../auth/secrets.js';
import { AccessTokenRow } from './entities/access.js';
import { Session, SignInLink } from './entities/index.js';

/** Whose a session or a link is. */
export interface OpenSession {
  readonly subject: string;
  /** The token that it came from; null for the administrator's. */
  readonly token: AccessTokenRow | null;
}

/** Sign-in links and sessions; the store knows only hashes of their secrets. */
export class PostgresSessionStore {
  constructor(private readonly dataSource: DataSource) {}

  /** @param tokenId whom the link signs in; null for the administrator */
  async addLink(secret: string, expiresAt: Date, tokenId: string | null = null): Promise<void> {
    await this.dataSource.getRepository(SignInLink).insert({ secretHash: secretHash(secret), expiresAt, tokenId });
  }

  /** Uses a link up; gives whom it signs in, null when it is unknown, expired or used. */
  async useLink(secret: string): Promise<OpenSession | null> {
    const result = await this.dataSource
      .createQueryBuilder()
      .update(SignInLink)
      .set({ usedAt: () => 'now()' })
      .where('secretHash = :hash AND usedAt IS NULL AND expiresAt > now()', { hash: secretHash(secret) })
      .returning('token_id')
      .execute();
    const [row] = result.raw as { token_id: string | null }[];
    return row === undefined ? null : this.owner('admin', row.token_id);
  }

  async open(secret: string, subject: string, expiresAt: Date, tokenId: string | null = null): Promise<void> {
    const key = { secretHash: secretHash(secret) };
    await this.dataSource.getRepository(Session).insert({ ...key, subject, expiresAt, tokenId });
  }

  /** Whose session it is, with the token as it is now; null when the session is unknown or has ended. */
  async find(secret: string): Promise<OpenSession | null> {
    const session = await this.dataSource.getRepository(Session).findOneBy({ secretHash: secretHash(secret) });
    if (session === null || session.expiresAt <= new Date()) return null;
    return this.owner(session.subject, session.tokenId);
  }

  async close(secret: string): Promise<void> {
    await this.dataSource.getRepository(Session).delete({ secretHash: secretHash(secret) });
  }

  /** Removes what has expired. */
  async sweep(): Promise<void> {
    for (const entity of [Session, SignInLink]) {
      await this.dataSource.createQueryBuilder().delete().from(entity).where('expires_at < now()').execute();
    }
  }

  private async owner(subject: string, tokenId: string | null): Promise<OpenSession | null> {
    if (tokenId === null) return { subject, token: null };
    const token = await this.dataSource.getRepository(AccessTokenRow).findOneBy({ id: tokenId });
    return token === null ? null : { subject: token.subject, token };
  }
}
