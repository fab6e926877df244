/** What somebody said is no finding: all that is given must be as in the match; null is anything. */
export interface Exclusion {
  /** Id of a detector, of a naming rule or of a class of sensitive keys. */
  readonly detector: string | null;
  readonly service: string | null;
  /** As findings show it. */
  readonly key: string | null;
  /** Keyed fingerprint of one value, as findings show it. */
  readonly fingerprint: string | null;
  /** Milliseconds since the epoch from which on it holds no more; null is never. */
  readonly expiresAt: number | null;
}

/** What of a match an exclusion looks at. */
export interface Excludable {
  readonly detector: string;
  /** '' where there is none; no exclusion of one value covers it then. */
  readonly fingerprint: string;
}

/** @param now milliseconds since the epoch */
export type IsExcluded = (match: Excludable, service: string, key: string, now: number) => boolean;

const NEVER: IsExcluded = () => false;

/**
 * The question whether a match is excluded. Exclusions are looked up by the most particular thing that they name, so
 * that many of them cost as little as few.
 */
export function exclusionTest(exclusions: readonly Exclusion[]): IsExcluded {
  if (exclusions.length === 0) return NEVER;
  const byName = new Map<string, Exclusion[]>();
  for (const exclusion of exclusions) {
    const name = nameOf(exclusion);
    if (name === null) continue;
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [exclusion]);
    else list.push(exclusion);
  }
  return (match, service, key, now) => {
    const holds = (name: string): boolean =>
      byName.get(name)?.some((exclusion) => covers(exclusion, match, service, key, now)) ?? false;
    return (
      (match.fingerprint !== '' && holds(`fingerprint ${match.fingerprint}`)) ||
      holds(`detector ${match.detector}`) ||
      holds(`key ${key}`) ||
      holds(`service ${service}`)
    );
  };
}

/** An exclusion that names nothing would exclude everything, so it excludes nothing. */
function nameOf({ fingerprint, detector, key, service }: Exclusion): string | null {
  if (fingerprint !== null) return `fingerprint ${fingerprint}`;
  if (detector !== null) return `detector ${detector}`;
  if (key !== null) return `key ${key}`;
  return service !== null ? `service ${service}` : null;
}

function covers(exclusion: Exclusion, match: Excludable, service: string, key: string, now: number): boolean {
  return (
    (exclusion.expiresAt === null || now < exclusion.expiresAt) &&
    (exclusion.fingerprint === null || exclusion.fingerprint === match.fingerprint) &&
    (exclusion.detector === null || exclusion.detector === match.detector) &&
    (exclusion.key === null || exclusion.key === key) &&
    (exclusion.service === null || exclusion.service === service)
  );
}
