import { z } from 'zod';
import { storableName } from '../../engine/detect/names.js';
import type { RequestTotal } from '../../flow/quality.js';

const HOUR = 3_600_000;
const ANSWER_MS = 30_000;
const MAX_SERIES = 10_000;
const MAX_NAME = 255;

/** An instant vector of the Prometheus HTTP API (prometheus.io/docs/prometheus/latest/querying/api). */
const Answer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/**
 * Asks a Prometheus how many requests each service had in the hour that ends at `end`. The query must give one series
 * per service, with the label `service` (or `service_name`) and, where wanted, `environment` (or
 * `deployment_environment_name`), over one hour: `sum by (service) (increase(http_requests_total[1h]))`.
 *
 * @throws when it does not answer or not with such a vector; the message has nothing of the answer
 */
export async function requestsOfHour(url: string, query: string, end: Date): Promise<RequestTotal[]> {
  const address = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
  address.searchParams.set('query', query);
  address.searchParams.set('time', String(end.getTime() / 1000));
  const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (!response.ok) throw new Error(`Prometheus answered ${response.status}`);
  const answer = Answer.safeParse(await response.json().catch(() => null));
  if (!answer.success) throw new Error('Prometheus did not answer with an instant vector');
  const hour = new Date(end.getTime() - HOUR);
  const totals: RequestTotal[] = [];
  for (const { metric, value } of answer.data.data.result.slice(0, MAX_SERIES)) {
    const service = metric.service ?? metric.service_name ?? '';
    const requests = Math.round(Number(value[1]));
    const environment = metric.environment ?? metric.deployment_environment_name ?? '';
    const isNamed = service !== '' && service.length <= MAX_NAME && environment.length <= MAX_NAME;
    if (!isNamed || !Number.isSafeInteger(requests) || requests < 0) continue;
    totals.push({ service: storableName(service, []), environment: storableName(environment, []), hour, requests });
  }
  return totals;
}

/** The ends of the last complete hours, latest first. */
export function lastHours(now: Date, count: number): Date[] {
  const last = Math.floor(now.getTime() / HOUR) * HOUR;
  return Array.from({ length: count }, (_, i) => new Date(last - i * HOUR));
}
