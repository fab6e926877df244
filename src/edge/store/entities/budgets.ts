import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { BudgetAlertKind, BudgetUnit } from '../../../engine/cost/budget.js';
import { double, now, text, time } from './columns.js';

@Entity({ name: 'budget' })
@Index('budget_once', ['tenantId', 'team', 'environment', 'unit', 'priceModel'], { unique: true })
export class BudgetRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') id: string;
  @Column(text) team: string;
  /** '' for all. */
  @Column({ type: 'text', default: '' }) environment: string;
  @Column(text) unit: BudgetUnit;
  @Column(double) amount: number;
  /** '' for bytes. */
  @Column({ type: 'text', default: '' }) priceModel: string;
  @Column({ type: 'integer', array: true }) actualThresholds: number[];
  @Column({ type: 'integer', array: true }) forecastThresholds: number[];
  @Column({ type: 'integer', default: 1 }) version: number;
  @Column(text) author: string;
  @Column(now) createdAt: Date;
  @Column(now) updatedAt: Date;
}

@Entity({ name: 'budget_alert' })
export class BudgetAlertRow {
  @PrimaryColumn(text) tenantId: string;
  @PrimaryColumn('uuid') budgetId: string;
  /** YYYY-MM */
  @PrimaryColumn(text) month: string;
  @PrimaryColumn(text) kind: BudgetAlertKind;
  @PrimaryColumn('integer') threshold: number;
  @Column(time) since: Date;
  @Column({ ...time, nullable: true }) raisedAt: Date | null;
  @Column(double) value: number;
}
