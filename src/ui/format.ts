const count = new Intl.NumberFormat();
const decimal = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat(undefined, {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const minute = { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const;
const thisYear = new Intl.DateTimeFormat(undefined, minute);
const anyYear = new Intl.DateTimeFormat(undefined, { ...minute, year: 'numeric' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const ago = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const SMALLEST_COST = 0.0001;
const SMALLEST_SHARE = 0.001;
/** A normal distribution holds 95 % within so many standard errors. */
const Z95 = 1.96;

export function formatCount(n: number): string {
  return count.format(n);
}

/** Bytes in decimal units: 1 kB is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  return `${decimal.format(bytes / 1000 ** power)} ${BYTE_UNITS[power]}`;
}

/** Money with two digits after the point, or four where it is less than one. */
export function formatCost(amount: number, currency: string): string {
  const digits = amount > 0 && amount < 1 ? 4 : 2;
  const style = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  const format = new Intl.NumberFormat(undefined, style);
  return amount > 0 && amount < SMALLEST_COST ? `< ${format.format(SMALLEST_COST)}` : format.format(amount);
}

export function formatShare(share: number): string {
  return share > 0 && share < SMALLEST_SHARE ? `< ${percent.format(SMALLEST_SHARE)}` : percent.format(share);
}

/** An estimate with its 95 % margin; alone where it is exact. */
export function formatEstimate(estimate: number, standardError: number): string {
  const margin = Math.round(Z95 * standardError * estimate);
  return margin === 0 ? formatCount(estimate) : `${formatCount(estimate)} ± ${formatCount(margin)}`;
}

/** An estimate with the bounds of its interval; alone where it is exact. */
export function formatRange({ value, low, high }: { value: number; low: number; high: number }): string {
  const [about, from, to] = [value, low, high].map((n) => formatCount(Math.round(n)));
  return from === to ? about! : `${about} (${from} to ${to})`;
}

/** Date and time to the minute; the year where it is not this one. */
export function formatTime(iso: string, now = new Date()): string {
  const time = new Date(iso);
  return (time.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(time);
}

export function formatDay(iso: string): string {
  return day.format(new Date(iso));
}

/** A day that is given without a time, such as `2026-08-23`. */
export function formatDate(iso: string): string {
  return date.format(new Date(iso));
}

/** How long ago, in the largest unit of which at least one has gone by. */
export function formatAge(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return ago.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return ago.format(-Math.floor(seconds / 3600), 'hour');
  return ago.format(-Math.floor(seconds / 86_400), 'day');
}

/** `1 span`, `2 spans`. */
export function plural(n: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(n)} ${n === 1 ? noun : nouns}`;
}

/**
 * Text from telemetry with control and formatting characters spelt out, so that nothing in a name can hide or reorder
 * what stands around it.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}
