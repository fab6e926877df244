/** From how many occurrences within a day on a finding can escalate, and by how much it must. */
const LEAST_OCCURRENCES = 10;
const GROWTH = 3;
/** Days that a mean day is taken of, and for which a finding is new. */
const DAYS = 7;

/** The UTC day in which the last 24 hours began: of it, neither what is compared nor what it is compared with. */
const FIRST_DAY = `((now() - interval '24 hours') AT TIME ZONE 'UTC')::date`;
const FIRST_SEEN = `(f.first_seen AT TIME ZONE 'UTC')::date`;

const sumOf = (table: string, when: string): string =>
  `(SELECT coalesce(sum(c.occurrences), 0) FROM ${table} c
    WHERE c.tenant_id = f.tenant_id AND c.dist_key = f.dist_key AND c.finding_id = f.id AND ${when})`;

const LAST_24_HOURS = sumOf('finding_hourly', `c.hour > now() - interval '24 hours'`);
const DAYS_BEFORE = sumOf('finding_day', `c.day >= ${FIRST_DAY} - ${DAYS} AND c.day < ${FIRST_DAY}`);

/**
 * What time made of a finding `f`, as an SQL expression: null where it is resolved. It escalates when the last 24 hours
 * had three times as many occurrences as a mean day of the week before, as far as it was known then, and ten at least.
 * A finding without a whole day to compare with cannot escalate. Only findings that can are counted, hence the order.
 */
export const SUBSTATE = `CASE
  WHEN f.state = 'resolved' THEN NULL
  WHEN f.regressed_at IS NOT NULL THEN 'regressed'
  WHEN CASE WHEN f.occurrences >= ${LEAST_OCCURRENCES} AND f.last_seen > now() - interval '24 hours'
      AND ${FIRST_SEEN} < ${FIRST_DAY}
    THEN ${LAST_24_HOURS} >= GREATEST(${LEAST_OCCURRENCES},
      ${GROWTH} * ${DAYS_BEFORE} / LEAST(${DAYS}, ${FIRST_DAY} - ${FIRST_SEEN}))
    ELSE false END THEN 'escalating'
  WHEN f.triaged_at IS NULL AND f.first_seen >= now() - interval '${DAYS} days' THEN 'new'
  ELSE 'ongoing' END`;
