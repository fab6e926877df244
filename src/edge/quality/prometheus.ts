import { z } from 'zod';
import { storableName } from '../../engine/detect/names.js';
import type { Counter } from '../../flow/estimated-costs.js';
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
  const hour = new Date(end.getTime() - HOUR);
  return (await vectorAt(url, query, end)).flatMap(({ labels, value }): RequestTotal[] => {
    const service = labels.service ?? labels.service_name ?? '';
    const environment = labels.environment ?? labels.deployment_environment_name ?? '';
    const isNamed = service !== '' && service.length <= MAX_NAME && environment.length <= MAX_NAME;
    if (!isNamed) return [];
    const names = { service: storableName(service, []), environment: storableName(environment, []) };
    return [{ ...names, hour, requests: value }];
  });
}

/**
 * Asks a Prometheus how many spans there were exactly in the hour that ends at `end`, in one series for all services or in one
 * for each, with the label `service` or `service_name`.
 *
 * @throws as `requestsOfHour`
 */
export async function spansOfHour(url: string, query: string, end: Date): Promise<Counter[]> {
  const window = { from: new Date(end.getTime() - HOUR), to: end };
  const series = await vectorAt(url, query, end);
  return series.flatMap(({ labels, value }): Counter[] => {
    const service = labels.service ?? labels.service_name ?? '';
    // Without a name a series is of all services, so there is one of them.
    if (service.length > MAX_NAME || (service === '' && series.length > 1)) return [];
    return [{ service: storableName(service, []), window, spans: value, bytes: null }];
  });
}

/** Whole numbers of an instant vector, at most 10,000, with their labels. */
async function vectorAt(
  url: string,
  query: string,
  end: Date,
): Promise<{ labels: Readonly<Record<string, string>>; value: number }[]> {
  const address = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
  address.searchParams.set('query', query);
  address.searchParams.set('time', String(end.getTime() / 1000));
  const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (!response.ok) throw new Error(`Prometheus answered ${response.status}`);
  const answer = Answer.safeParse(await response.json().catch(() => null));
  if (!answer.success) throw new Error('Prometheus did not answer with an instant vector');
  const series = answer.data.data.result.slice(0, MAX_SERIES);
  return series
    .map(({ metric, value }) => ({ labels: metric, value: Math.round(Number(value[1])) }))
    .filter(({ value }) => Number.isSafeInteger(value) && value >= 0);
}

/** The ends of the last complete hours, latest first. */
export function lastHours(now: Date, count: number): Date[] {
  const last = Math.floor(now.getTime() / HOUR) * HOUR;
  return Array.from({ length: count }, (_, i) => new Date(last - i * HOUR));
}
