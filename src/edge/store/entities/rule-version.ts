import { Column, Entity, PrimaryColumn } from 'typeorm';
import { text, time } from './columns.js';

/** Since when a detector or rule is as it is. */
@Entity({ name: 'rule_version' })
export class RuleVersionRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn(text) rule: string;
  /** SHA-256, in hex, of what it says; '' once it is gone. */
  @Column(text) hash: string;
  @Column(time) since: Date;
}
