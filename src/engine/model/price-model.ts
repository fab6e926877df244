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
  readonly unit: ByteUnit;
  readonly meters: readonly PriceMeter[];
  /** What one unit less saves; less than the average where a plan has allowances. */
  readonly marginalPricePerUnit: number;
  readonly examples: readonly { readonly ingestedBytes: number; readonly cost: number }[];
}

export interface PriceMeter {
  readonly id: string;
  readonly measures: 'ingested_bytes';
  readonly pricePerUnit: number;
}

export const BYTE_UNITS = { GB: 1e9, GiB: 2 ** 30 } as const;
export type ByteUnit = keyof typeof BYTE_UNITS;
