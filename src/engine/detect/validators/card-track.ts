import { paymentCard } from './payment-card.js';

/** Data of a magnetic stripe: a card number, a separator, for track 1 a name, and an expiry year and month (ISO/IEC 7813). */
export function cardTrack(text: string): boolean {
  const parts = /^(\d{12,19})(?:\^[^^]{2,26}\^|[=D])\d{2}(\d{2})/.exec(text);
  if (parts === null) return false;
  const month = Number(parts[2]);
  return month >= 1 && month <= 12 && paymentCard(parts[1]!);
}
