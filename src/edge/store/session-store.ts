import type { DataSource } from 'typeorm';
import { secretHash } from '../auth/secrets.js';
import { Session, SignInLink } from './entities/index.js';

/** Sign-in links and sessions; the store knows only hashes of their secrets. */
export class PostgresSessionStore {
  constructor(private readonly dataSource: DataSource) {}

  async addLink(secret: string, expiresAt: Date): Promise<void> {
    await this.dataSource.getRepository(SignInLink).insert({ secretHash: secretHash(secret), expiresAt });
  }

  /** Uses a link up; false when it is unknown, expired or used. */
  async useLink(secret: string): Promise<boolean> {
    const result = await this.dataSource
      .createQueryBuilder()
      .update(SignInLink)
      .set({ usedAt: () => 'now()' })
      .where('secretHash = :hash AND usedAt IS NULL AND expiresAt > now()', { hash: secretHash(secret) })
      .execute();
    return (result.affected ?? 0) > 0;
  }

  async open(secret: string, subject: string, expiresAt: Date): Promise<void> {
    await this.dataSource.getRepository(Session).insert({ secretHash: secretHash(secret), subject, expiresAt });
  }

  /** Whom a session belongs to; null when it is unknown or has ended. */
  async subject(secret: string): Promise<string | null> {
    const session = await this.dataSource.getRepository(Session).findOneBy({ secretHash: secretHash(secret) });
    return session !== null && session.expiresAt > new Date() ? session.subject : null;
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
}
