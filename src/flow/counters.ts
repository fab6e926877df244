import type { Counter } from './estimated-costs.js';

/**
 * Counters of at most so many periods: periods that follow each other are put together until they are few enough, which
 * leaves their sums as they are. A service's share of a longer period is that of its sample in it.
 *
 * @param counters the earliest first
 */
export function fewerPeriods(counters: readonly Counter[], most: number): Counter[] {
  let list = [...counters];
  for (let before = Number.POSITIVE_INFINITY; periodsOf(list) > most && list.length < before; ) {
    before = list.length;
    list = pairs(list);
  }
  return list;
}

function periodsOf(counters: readonly Counter[]): number {
  return new Set(counters.map(({ window }) => `${window.from.getTime()} ${window.to.getTime()}`)).size;
}

/** Of each service, neighbours two by two; those that count something else, or leave a gap, stay apart. */
function pairs(counters: readonly Counter[]): Counter[] {
  const open = new Map<string, Counter>();
  const done: Counter[] = [];
  for (const counter of counters) {
    const before = open.get(counter.service);
    if (before === undefined) open.set(counter.service, counter);
    else if (followsOn(before, counter)) {
      done.push(together(before, counter));
      open.delete(counter.service);
    } else {
      done.push(before);
      open.set(counter.service, counter);
    }
  }
  const all = [...done, ...open.values()];
  return all.sort((a, b) => a.window.from.getTime() - b.window.from.getTime() || (a.service < b.service ? -1 : 1));
}

function followsOn(a: Counter, b: Counter): boolean {
  const isSame = (a.spans === null) === (b.spans === null) && (a.bytes === null) === (b.bytes === null);
  return isSame && a.window.to.getTime() === b.window.from.getTime();
}

function together(a: Counter, b: Counter): Counter {
  const sum = (x: number | null, y: number | null): number | null => (x === null || y === null ? null : x + y);
  const window = { from: a.window.from, to: b.window.to };
  return { service: a.service, window, spans: sum(a.spans, b.spans), bytes: sum(a.bytes, b.bytes) };
}
