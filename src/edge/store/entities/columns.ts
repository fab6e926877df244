import type { ValueTransformer } from 'typeorm';

/** Counts fit a double exactly up to 2^53; the driver gives bigint as text. */
const COUNT: ValueTransformer = { to: (value: number) => value, from: (text: string) => Number(text) };

export const count = { type: 'bigint', transformer: COUNT } as const;
export const text = { type: 'text' } as const;
export const time = { type: 'timestamptz' } as const;
export const now = { type: 'timestamptz', default: () => 'now()' } as const;
export const double = { type: 'double precision' } as const;
export const reals = { type: 'real', array: true, default: [] } as const;
