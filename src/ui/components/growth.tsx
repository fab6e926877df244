import type { Attribute } from '../../edge/serve/contract.js';
import { Tag } from './text.js';

export type GrowthClass = Attribute['growth'];

export const GROWTH_NAMES: Readonly<Record<GrowthClass, string>> = {
  constant: 'constant',
  enum: 'enum',
  bounded: 'bounded',
  growing: 'growing',
  unbounded: 'unbounded',
  insufficient_evidence: 'insufficient evidence',
};

const TONES: Readonly<Partial<Record<GrowthClass, 'warn' | 'bad'>>> = { growing: 'warn', unbounded: 'bad' };

/** How the number of distinct values grows. */
export function GrowthTag({ growth }: { growth: GrowthClass }) {
  const tone = TONES[growth];
  return <Tag {...(tone && { tone })}>{GROWTH_NAMES[growth]}</Tag>;
}

/** The address of the card of an attribute. */
export function cardPath({ service, key }: { readonly service: string; readonly key: string }): string {
  return `/attributes/card?${new URLSearchParams({ service, key })}`;
}
