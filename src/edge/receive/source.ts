import { PLAIN_SOURCE, type Source } from '../../engine/model/evidence.js';
import { type Problem, problem } from '../../engine/problem.js';

/** Headers of OTLP over HTTP, metadata of gRPC. */
export const COLLECTOR_HEADER = 'spanwarden-collector';
export const TAP_HEADER = 'spanwarden-tap';

const COLLECTOR = /^[A-Za-z0-9._:-]{1,128}$/;
/** A copy that is the only one counts, wherever it was taken; of two the one behind the policies does not. */
const TAPS: Readonly<Record<string, Pick<Source, 'tap' | 'isCounted'>>> = {
  before: { tap: 'before', isCounted: true },
  after: { tap: 'after', isCounted: false },
  only: { tap: 'after', isCounted: true },
};

/** What a request says of who sent it, and what of that is ignored since it is not valid. */
export function sourceOf(header: (name: string) => string | undefined): {
  source: Source;
  ignored: readonly Problem[];
} {
  const collector = header(COLLECTOR_HEADER)?.trim() ?? '';
  const place = header(TAP_HEADER)?.trim().toLowerCase() ?? '';
  const isNamed = COLLECTOR.test(collector);
  const tap = Object.hasOwn(TAPS, place) ? TAPS[place] : undefined;
  const ignored: Problem[] = [];
  if (collector !== '' && !isNamed) {
    const allowed = '1 to 128 letters, digits, dots, colons, dashes and underscores';
    ignored.push(problem('header', COLLECTOR_HEADER, 'ignored, not a name', allowed));
  }
  if (place !== '' && tap === undefined) {
    ignored.push(problem('header', TAP_HEADER, 'ignored, not known', 'before, after or only'));
  }
  return { source: { ...PLAIN_SOURCE, ...(isNamed && { collector }), ...tap }, ignored };
}
