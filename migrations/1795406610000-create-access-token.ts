import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens of people and programs, by the SHA-256 of their secret; sessions and sign-in links may belong to one. */
export class CreateAccessToken1795406610000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE access_token (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        subject text NOT NULL,
        roles text[] NOT NULL,
        labels jsonb NOT NULL DEFAULT '{}',
        secret_hash text NOT NULL,
        author text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        revoked_at timestamptz,
        revoked_by text,
        last_used_at timestamptz,
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query('CREATE UNIQUE INDEX access_token_secret ON access_token (secret_hash)');
    await q.query('CREATE INDEX access_token_created_at ON access_token (tenant_id, created_at DESC, id DESC)');
    await q.query('ALTER TABLE session ADD COLUMN token_id uuid');
    await q.query('ALTER TABLE sign_in_link ADD COLUMN token_id uuid');
  }

  async down(q: QueryRunner): Promise<void> {
    // Without its token nobody could end the session of a person any more.
    await q.query('DELETE FROM sign_in_link WHERE token_id IS NOT NULL');
    await q.query('DELETE FROM session WHERE token_id IS NOT NULL');
    await q.query('ALTER TABLE sign_in_link DROP COLUMN token_id');
    await q.query('ALTER TABLE session DROP COLUMN token_id');
    await q.query('DROP TABLE access_token');
  }
}
