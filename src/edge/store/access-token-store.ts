import { randomUUID } from 'node:crypto';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { makeAccessToken } from '../auth/access-token.js';
import type { AccessRole } from '../auth/roles.js';
import { secretHash } from '../auth/secrets.js';
import { AccessTokenRow } from './entities/access.js';
import { Session, SignInLink } from './entities/index.js';

/** Tokens of a tenant that are neither revoked nor expired. */
export const MAX_TOKENS = 10_000;

export interface TokenFields {
  readonly subject: string;
  readonly roles: readonly AccessRole[];
  readonly labels: Readonly<Record<string, string>>;
  readonly expiresAt: Date | null;
}

interface Position {
  readonly createdAt: string;
  readonly id: string;
}

/** Tokens of people and programs; the store knows only hashes of their secrets. */
export class PostgresAccessTokenStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes a token; its secret is in the answer, and nowhere else. Null where there are too many. */
  async add(
    tenant: string,
    { subject, roles, labels, expiresAt }: TokenFields,
    author: string,
  ): Promise<{ row: AccessTokenRow; secret: string } | null> {
    const inUse = this.rows.createQueryBuilder('t').where('t.tenantId = :tenant AND t.revokedAt IS NULL', { tenant });
    const count = await inUse.andWhere('(t.expiresAt IS NULL OR t.expiresAt > now())').getCount();
    if (count >= MAX_TOKENS) return null;
    const secret = makeAccessToken();
    const key = { tenantId: tenant, id: randomUUID() };
    const fields = { subject, roles: [...roles], labels, expiresAt, author };
    await this.rows.insert({ ...key, ...fields, secretHash: secretHash(secret) });
    return { row: await this.rows.findOneByOrFail(key), secret };
  }

  /** A page, newest first. */
  list(
    tenant: string,
    isActive: boolean | undefined,
    limit: number,
    after: Position | null,
  ): Promise<AccessTokenRow[]> {
    const query = this.rows.createQueryBuilder('t').where('t.tenantId = :tenant', { tenant });
    const active = '(t.revokedAt IS NULL AND (t.expiresAt IS NULL OR t.expiresAt > now()))';
    if (isActive !== undefined) query.andWhere(isActive ? active : `NOT ${active}`);
    if (after !== null)
      query.andWhere("(date_trunc('milliseconds', t.createdAt), t.id) < (:createdAt, :id)", { ...after });
    query.orderBy("date_trunc('milliseconds', t.createdAt)", 'DESC').addOrderBy('t.id', 'DESC');
    return query.limit(limit).getMany();
  }

  get(tenant: string, id: string): Promise<AccessTokenRow | null> {
    return this.rows.findOneBy({ tenantId: tenant, id });
  }

  /** Whose secret it is, whatever became of the token. */
  bySecret(secret: string): Promise<AccessTokenRow | null> {
    return this.rows.findOneBy({ secretHash: secretHash(secret) });
  }

  /** Revokes a token and ends its sessions and sign-in links. Null where there is none that was not revoked. */
  revoke(tenant: string, id: string, by: string): Promise<AccessTokenRow | null> {
    return this.dataSource.transaction(async (manager) => {
      const where = { tenantId: tenant, id };
      const change = { revokedAt: new Date(), revokedBy: by };
      const { affected } = await manager
        .getRepository(AccessTokenRow)
        .update({ ...where, revokedAt: IsNull() }, change);
      if (affected === 0) return null;
      await endSessions(manager, id);
      return manager.getRepository(AccessTokenRow).findOneByOrFail(where);
    });
  }

  /** Notes that a token is in use, to the hour. */
  async touch({ tenantId, id }: AccessTokenRow): Promise<void> {
    await this.dataSource.query(
      `UPDATE access_token SET last_used_at = date_trunc('hour', now()) WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id],
    );
  }

  private get rows() {
    return this.dataSource.getRepository(AccessTokenRow);
  }
}

async function endSessions(manager: EntityManager, tokenId: string): Promise<void> {
  for (const entity of [Session, SignInLink]) await manager.getRepository(entity).delete({ tokenId });
}

/** Whether a token is good at a time. */
export function isGood({ revokedAt, expiresAt }: AccessTokenRow, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt.getTime() > now);
}
