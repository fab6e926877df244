import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AccessRole } from '../../auth/roles.js';
import { now, text, time } from './columns.js';

/** A token of a person or a program. */
@Entity({ name: 'access_token' })
@Index('access_token_secret', ['secretHash'], { unique: true })
@Index('access_token_created_at', { synchronize: false })
export class AccessTokenRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) subject: string;
  @Column({ type: 'text', array: true }) roles: AccessRole[];
  /** What policies and stages select the collector by that has the token. */
  @Column({ type: 'jsonb', default: {} }) labels: Readonly<Record<string, string>>;
  @Column(text) secretHash: string;
  @Column(text) author: string;
  @Column(now) createdAt: Date;
  @Column({ ...time, nullable: true }) expiresAt: Date | null;
  @Column({ ...time, nullable: true }) revokedAt: Date | null;
  @Column({ ...text, nullable: true }) revokedBy: string | null;
  /** To the hour. */
  @Column({ ...time, nullable: true }) lastUsedAt: Date | null;
}
