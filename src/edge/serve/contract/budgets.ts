import { z } from 'zod';
import { BUDGET_UNITS } from '../../../engine/cost/budget.js';

const id = z.uuid().meta({ description: 'Stable id' });
const time = z.iso.datetime().meta({ description: 'UTC, ISO 8601' });
const Interval = z.object({ low: z.number(), high: z.number() }).nullable();
/** Text that PostgreSQL can hold, and that is one line. */
const line = z
  .string()
  .trim()
  .min(1)
  .refine((value) => !/[\0\r\n]/.test(value));
const thresholds = z
  .array(z.int().min(1).max(1_000))
  .max(10)
  .transform((list) => [...new Set(list)].sort((a, b) => a - b));

export const BudgetBody = z.strictObject({
  team: line.max(100).meta({ description: 'As costs by team name it; it need not own anything yet' }),
  environment: line.max(300).nullable().default(null).meta({ description: 'Of one environment; null for all' }),
  unit: z.enum(BUDGET_UNITS),
  amount: z
    .number()
    .positive()
    .max(1e18)
    .meta({ description: 'By calendar month: bytes, or money of the price model' }),
  price_model: z
    .string()
    .max(100)
    .nullable()
    .default(null)
    .meta({ description: 'Of money; null for the model that is configured' }),
  actual_thresholds: thresholds.default([80, 100]).meta({ description: 'Percent of the amount that is spent' }),
  forecast_thresholds: thresholds
    .default([100])
    .meta({ description: 'Percent of it that the month is expected to cost' }),
});

const Percents = z.array(z.int()).meta({ description: 'Thresholds that are reached, in percent' });
export const BudgetForecast = z.object({
  verdict: z.enum(['estimated', 'insufficient_evidence']),
  value: z.number().nullable().meta({ description: 'Of the whole month' }),
  interval: Interval.meta({ description: 'Of 95 %; null where nothing says how spans were sampled' }),
  days: z.int().nullable().meta({ description: 'Whole days that the rest of the month is taken from' }),
  reason: z.string().meta({ description: 'Why there is no forecast; empty where there is one' }),
});
export const BudgetState = z.object({
  month: z.string().meta({ description: 'YYYY-MM, of the time zone that is configured' }),
  window: z
    .object({ start: time, end: time })
    .meta({ description: 'The month so far: costs by team of this window say the same' }),
  spent: z.object({
    value: z.number(),
    interval: Interval,
    percent: z.number().meta({ description: 'Of the amount' }),
  }),
  forecast: BudgetForecast,
  reached: z.object({ actual: Percents, forecast: Percents }),
  has_usage: z.boolean().meta({ description: 'Whether the team used anything this month' }),
  basis: z.string().meta({ description: 'How the figures came about' }),
});

export const Budget = z
  .object({
    id,
    team: z.string(),
    environment: z.string().nullable(),
    unit: z.enum(BUDGET_UNITS),
    amount: z.number(),
    price_model: z.string().nullable(),
    currency: z.string().nullable(),
    actual_thresholds: z.array(z.int()),
    forecast_thresholds: z.array(z.int()),
    state: BudgetState.nullable().meta({
      description: 'Null where the price model is gone, or has no prices any more',
    }),
    author: z.string(),
    created_at: time,
    updated_at: time,
    etag: z.string(),
  })
  .meta({ id: 'Budget' });
export type Budget = z.infer<typeof Budget>;
export const BudgetPage = z.object({ data: z.array(Budget), next_cursor: z.string().nullable() });
export type BudgetPage = z.infer<typeof BudgetPage>;

export const BudgetFilter = z.strictObject({ team: z.string().max(300).optional() });
export const BudgetQuery = BudgetFilter.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
});
