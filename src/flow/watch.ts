import type { NotifyEventKind, StateNotifyEvent } from '../engine/model/notification.js';
import { FINE, type Hold, look, type Standing } from '../engine/notify/watch.js';
import type { Unit } from '../engine/quality/judgement.js';
import type { Window } from './ports.js';
import { type JudgedIndicator, judgeQuality, type QualitySources } from './quality.js';

export const WATCHED = ['quality', 'service', 'collector'] as const;
export type WatchedKind = (typeof WATCHED)[number];

/** Something that is looked at again and again: an indicator of a service, a service, a collector. */
export interface Watched {
  readonly kind: WatchedKind;
  /** Name of the service, or id of the collector. */
  readonly subject: string;
  /** Id of the indicator; '' for what is silent. */
  readonly indicator: string;
}

export interface WatchedStanding extends Watched, Standing {
  readonly id: string;
  /** What was seen when it was looked at last, in words. */
  readonly detail: string;
}

/** A collector that is to be there all the time. */
export interface CollectorSeen {
  readonly id: string;
  readonly lastSeen: Date;
  readonly isOffline: boolean;
}

export interface WatchStore {
  standings(tenant: string): Promise<WatchedStanding[]>;
  idOf(tenant: string, watched: Watched): string;
  save(tenant: string, standings: readonly WatchedStanding[]): Promise<void>;
  /** Those that stayed connected or asked again and again, seen in the last days. */
  collectors(tenant: string, now: Date): Promise<CollectorSeen[]>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Of trace quality a verdict is on these hours. */
const QUALITY_HOURS = 3;
/** A collector asks every 30 seconds. */
const COLLECTOR_SILENT_MS = 15 * MINUTE;
/** Looks are ten minutes apart. */
const HOLDS: Readonly<Record<WatchedKind, Hold>> = {
  quality: { badMs: 30 * MINUTE, goodMs: HOUR },
  service: { badMs: 10 * MINUTE, goodMs: 30 * MINUTE },
  collector: { badMs: 0, goodMs: 10 * MINUTE },
};

/** What is seen of something now. */
interface Sight extends Watched {
  readonly isBad: boolean | null;
  readonly detail: string;
}

/** Looks at what rules ask for, and keeps how it stands. */
export async function watch(
  tenant: string,
  asked: ReadonlySet<NotifyEventKind>,
  store: WatchStore,
  sources: QualitySources,
): Promise<void> {
  const { now } = sources;
  const sights = [
    ...(asked.has('quality_bad') || asked.has('quality_recovered') ? await qualitySights(tenant, sources) : []),
    ...(asked.has('source_silent') || asked.has('source_back') ? await silentSights(tenant, store, sources) : []),
  ];
  if (sights.length === 0) return;
  const known = new Map((await store.standings(tenant)).map((row) => [row.id, row]));
  const changed = sights.flatMap(({ isBad, detail, ...watched }): WatchedStanding[] => {
    const id = store.idOf(tenant, watched);
    const was = known.get(id);
    const is = look(was ?? FINE, isBad, now.getTime(), HOLDS[watched.kind]);
    const isSame = is === (was ?? FINE) && (was === undefined || was.detail === detail || isBad === null);
    return isSame ? [] : [{ ...watched, ...is, id, detail }];
  });
  await store.save(tenant, changed);
}

async function qualitySights(tenant: string, sources: QualitySources): Promise<Sight[]> {
  const { now } = sources;
  const window: Window = { from: new Date(now.getTime() - QUALITY_HOURS * HOUR), to: now };
  const judged = await judgeQuality(tenant, { window, groupBy: 'service' }, sources);
  return judged
    .filter(({ indicator }) => indicator.limit !== null && indicator.unit !== 'services')
    .map((one) => ({
      kind: 'quality',
      subject: one.group,
      indicator: one.indicator.id,
      isBad: { pass: false, fail: true, insufficient_evidence: null, not_applicable: null }[one.judgement.verdict],
      detail: qualityDetail(one),
    }));
}

function qualityDetail({ indicator, judgement }: JudgedIndicator): string {
  const { limit, unit, of, title } = indicator;
  if (limit === null || judgement.value === null) return title;
  const bound = 'most' in limit ? `at most ${shown(limit.most, unit)}` : `at least ${shown(limit.least, unit)}`;
  return `${title}: ${shown(judgement.value, unit)} of ${of}, ${bound} is allowed`;
}

function shown(value: number, unit: Unit): string {
  return unit === 'ratio' ? `${Number((100 * value).toPrecision(3))} %` : `${Number(value.toPrecision(3))} ${unit}`;
}

async function silentSights(tenant: string, store: WatchStore, sources: QualitySources): Promise<Sight[]> {
  const { quality, now } = sources;
  const [{ silent, all }, collectors, standings] = await Promise.all([
    quality.silentServices(tenant, now),
    store.collectors(tenant, now),
    store.standings(tenant),
  ]);
  const services = [...all].sort().map(
    (service): Sight => ({
      ...{ kind: 'service', subject: service, indicator: '', isBad: silent.has(service) },
      detail: 'it sent spans in nearly every hour of a day, and none for two hours',
    }),
  );
  // A service that is silent for longer than a day is not told apart any more, but it is not back.
  const gone = standings.filter((row) => row.kind === 'service' && row.isBad && !all.has(row.subject));
  return [
    ...services,
    ...gone.map(({ kind, subject, indicator, detail }): Sight => ({ kind, subject, indicator, isBad: null, detail })),
    ...collectors.map(
      ({ id, lastSeen, isOffline }): Sight => ({
        ...{ kind: 'collector', subject: id, indicator: '' },
        isBad: isOffline || now.getTime() - lastSeen.getTime() > COLLECTOR_SILENT_MS,
        detail: `it was there last at ${lastSeen.toISOString()}`,
      }),
    ),
  ];
}

/** What changed in the time that notifications look back at, as events. */
export function watchEvents(standings: readonly WatchedStanding[], since: number): StateNotifyEvent[] {
  return standings
    .filter((row) => row.since !== null && row.since >= since)
    .map(({ id, kind, subject, indicator, isBad, since: at, detail }): StateNotifyEvent => {
      const isQuality = kind === 'quality';
      const common = { id, at: at!, service: kind === 'collector' ? '' : subject, environment: '', team: '' };
      if (isQuality) {
        return {
          ...common,
          kind: isBad ? 'quality_bad' : 'quality_recovered',
          severity: isBad ? 'medium' : 'info',
          title: `Trace quality of ${subject}: ${indicator} ${isBad ? 'fails' : 'passes again'}`,
          detail,
          path: `/ui/quality?service=${encodeURIComponent(subject)}`,
        };
      }
      const what = kind === 'collector' ? `Collector ${subject}` : `Service ${subject}`;
      return {
        ...common,
        kind: isBad ? 'source_silent' : 'source_back',
        severity: isBad ? 'high' : 'info',
        title: `${what} ${isBad ? 'has gone silent' : 'is back'}`,
        detail: isBad ? detail : 'it sends again',
        path: kind === 'collector' ? '/ui/collectors' : `/ui/quality?service=${encodeURIComponent(subject)}`,
      };
    });
}
