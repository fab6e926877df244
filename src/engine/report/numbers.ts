import type { Interval } from '../model/interval.js';
import type { Amount } from '../model/report.js';

/** Numbers as people read them, the same on every machine: no locale is asked. */

export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes in decimal units, three digits. */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${unit === 0 ? rest : rest.toPrecision(3)} ${UNITS[unit]}`;
}

/** An amount of money; small amounts keep two digits that are not zero. */
export function money(value: number, currency: string): string {
  const digits = value === 0 || Math.abs(value) >= 0.1 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(Math.abs(value))));
  const [whole, fraction] = value.toFixed(digits).split('.');
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction} ${currency}`;
}

/** The bounds of an amount; what is not known says so. */
export function between(interval: Interval | null, currency: string): string {
  if (interval === null) return 'not known';
  const [low, high] = [money(interval.low, currency), money(interval.high, currency)];
  return low === high ? low : `${low.slice(0, -currency.length).trimEnd()} to ${high}`;
}

/** An amount with its bounds, where they are known and differ from it. */
export function amount({ amount: value, interval }: Amount, currency: string): string {
  const shown = money(value, currency);
  if (interval === null) return shown;
  const bounds = between(interval, currency);
  return bounds === shown ? shown : `${shown} (${bounds})`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** How a number changed: `+12.0 %`, `new` where there was none before. */
export function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? '±0 %' : 'new';
  const ratio = now / before - 1;
  return `${ratio >= 0 ? '+' : '−'}${(Math.abs(ratio) * 100).toFixed(1)} %`;
}
