/** How something that can be bad stands, with what keeps it from flapping. Times are milliseconds since the epoch. */
export interface Standing {
  readonly isBad: boolean;
  /** When it became so; null where it was never otherwise. */
  readonly since: number | null;
  /** Since when it is seen otherwise without a break; null while it is not. */
  readonly otherwiseSince: number | null;
}

/** How long something must be seen bad, or good again, at every look before it counts. */
export interface Hold {
  readonly badMs: number;
  readonly goodMs: number;
}

export const FINE: Standing = { isBad: false, since: null, otherwiseSince: null };

/** @param isBad what is seen now; null where that cannot be said, which changes nothing */
export function look(standing: Standing, isBad: boolean | null, now: number, hold: Hold): Standing {
  if (isBad === null) return standing;
  if (isBad === standing.isBad)
    return standing.otherwiseSince === null ? standing : { ...standing, otherwiseSince: null };
  const otherwiseSince = standing.otherwiseSince ?? now;
  const needed = isBad ? hold.badMs : hold.goodMs;
  if (now - otherwiseSince < needed) return { ...standing, otherwiseSince };
  return { isBad, since: now, otherwiseSince: null };
}
