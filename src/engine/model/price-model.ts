/** What a backend asks for trace data, as `rules/prices/*.yaml` states it. Prices have a date and a source. */
export interface PriceModel {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Day on which the source was read, YYYY-MM-DD. */
  readonly asOf: string;
  /** False where the figures come from second hand and want a check against one's own contract. */
  readonly confirmed: boolean;
  readonly source: string;
  readonly notes: string;
  readonly meters: readonly PriceMeter[];
  readonly examples: readonly PriceExample[];
}

export interface PriceMeter {
  readonly id: string;
  readonly measures: Measure;
  readonly unit: Unit;
  /** Null where the vendor's price is not known here; such a model cannot price anything before it is filled in. */
  readonly pricePerUnit: number | null;
  /** What one unit less saves once what is included is used up: 0 for what is committed or counted by hosts. */
  readonly marginalPricePerUnit: number | null;
  /** How much of what is ingested this meter counts: the share of spans that are indexed, say. */
  readonly share: number;
  /** Units of 30 days that cost nothing. */
  readonly included: number;
  /** Days that data are kept; of retained bytes those beyond `baseDays` cost. */
  readonly days: number;
  readonly baseDays: number;
  /** Stored bytes by ingested bytes, and how often they are stored. */
  readonly compression: number;
  readonly replicas: number;
  /** Hosts that are billed, or 1 where the charge is flat. */
  readonly count: number;
}

export interface PriceExample {
  readonly ingestedBytes: number;
  readonly spans: number;
  readonly days: number;
  readonly cost: number;
  /** What 10^9 bytes less, of the same number of spans, save. */
  readonly savingPerGb: number;
}

/** By measure: the units that it can have. */
export const MEASURE_UNITS = {
  ingested_bytes: ['GB', 'GiB'],
  written_bytes: ['GB', 'GiB'],
  retained_bytes: ['GB', 'GiB'],
  stored_bytes: ['GB', 'GiB'],
  indexed_spans: ['span', 'million'],
  events: ['span', 'million'],
  hosts: ['host'],
  flat: ['month'],
} as const;
export type Measure = keyof typeof MEASURE_UNITS;
export type Unit = (typeof MEASURE_UNITS)[Measure][number];

/** Bytes or spans of a unit; months and hosts are counted one by one. */
export const UNIT_SIZES: Readonly<Record<Unit, number>> = {
  GB: 1e9,
  GiB: 2 ** 30,
  span: 1,
  million: 1e6,
  host: 1,
  month: 1,
};
