import type { SlotDrift } from '../model/collector.js';

/** What is looked at of the configuration that a collector runs: processors by name, and those of each traces pipeline. */
export interface EffectiveSlots {
  readonly processors: Readonly<Record<string, unknown>>;
  readonly traces: readonly (readonly string[])[];
}

/** Slots for policies are instances of this name. */
const OUR_SLOT = /\/spanwarden$/;
/** What collectors show in the place of secrets. */
const HIDDEN = '[REDACTED]';
const MILLISECONDS: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5 },
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapOf = (value: unknown): Readonly<Record<string, unknown>> => (isMap(value) ? value : {});

/** Takes out of a whole configuration what `driftOf` compares: nothing else of it is kept. */
export function slotsOf(config: unknown): EffectiveSlots {
  const processors = Object.entries(mapOf(mapOf(config).processors)).filter(([name]) => OUR_SLOT.test(name));
  const pipelines = Object.entries(mapOf(mapOf(mapOf(config).service).pipelines));
  const traces = pipelines.filter(([name]) => name === 'traces' || name.startsWith('traces/'));
  return {
    processors: Object.fromEntries(processors),
    traces: traces.map(([, pipeline]) => {
      const names = mapOf(pipeline).processors;
      return Array.isArray(names) ? names.map(String).filter((name) => OUR_SLOT.test(name)) : [];
    }),
  };
}

/**
 * How the slots that a collector runs differ from the served `processors:`. Collectors show their configuration with all
 * defaults filled in and secrets hidden, so ours has to be in theirs, and theirs may say more.
 *
 * @param served the document that is served, as plain data
 */
export function driftOf(served: unknown, { processors, traces }: EffectiveSlots): SlotDrift[] {
  return Object.entries(mapOf(mapOf(served).processors)).flatMap(([slot, wanted]): SlotDrift[] => {
    if (isIdle(wanted)) return Object.hasOwn(processors, slot) ? differs(slot, wanted, processors[slot]) : [];
    if (!Object.hasOwn(processors, slot)) return [{ slot, drift: 'missing' }];
    const different = differs(slot, wanted, processors[slot]);
    if (different.length > 0) return different;
    return traces.some((names) => names.includes(slot)) ? [] : [{ slot, drift: 'not-in-pipeline' }];
  });
}

function differs(slot: string, wanted: unknown, actual: unknown): SlotDrift[] {
  return holds(wanted, actual) ? [] : [{ slot, drift: 'different' }];
}

/** A slot with nothing to do need not be there. */
function isIdle(wanted: unknown): boolean {
  const statements = mapOf(wanted).trace_statements;
  return Array.isArray(statements) && statements.length === 0;
}

/** Whether what is wanted is in what there is. */
function holds(wanted: unknown, actual: unknown): boolean {
  if (actual === HIDDEN) return true;
  if (Array.isArray(wanted)) {
    const list = actual ?? [];
    return Array.isArray(list) && list.length === wanted.length && wanted.every((item, i) => holds(item, list[i]));
  }
  if (isMap(wanted)) {
    const map = actual ?? {};
    return isMap(map) && Object.entries(wanted).every(([key, value]) => holds(value, map[key]));
  }
  if (wanted === null || wanted === undefined) return actual === null || actual === undefined;
  if (actual === null || actual === undefined) return wanted === '';
  return isSame(String(wanted), String(actual));
}

/** Texts as they are served have each dollar twice, and as a collector shows them once. */
function isSame(wanted: string, actual: string): boolean {
  if (wanted === actual || wanted.replaceAll('$$', '$') === actual) return true;
  const duration = durationOf(wanted);
  return duration !== null && duration === durationOf(actual);
}

/** Milliseconds of a duration of Go: `1m30s`; null for anything else. */
function durationOf(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null;
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * MILLISECONDS[unit!]!, 0);
}
