import { parseDocument } from 'yaml';
import { SLOTS } from '../../engine/policy/slots.js';
import { type Problem, problem } from '../../engine/problem.js';

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Looks at a served configuration before a collector sees it: YAML with the one section `processors`, in which are slots
 * for policies only, so that whoever answers in the place of the server cannot add an exporter or a receiver.
 */
export function checkServedConfig(text: string): Problem[] {
  const document = parseDocument(text, { stringKeys: true });
  if (document.errors.length > 0) return [problem('invalid', 'policies', 'not YAML', 'a map with the key processors')];
  const config: unknown = document.toJS({ maxAliasCount: 0 });
  if (!isMap(config) || !isMap(config.processors)) {
    return [problem('invalid', 'policies', 'not a map of processors', 'a map with the key processors, which is a map')];
  }
  const others = Object.keys(config).filter((key) => key !== 'processors');
  const unknown = Object.keys(config.processors).filter((key) => !SLOTS.some((slot) => slot === key));
  return [
    ...(others.length === 0
      ? []
      : [problem('invalid', 'policies', 'has other sections', 'the section processors only')]),
    ...(unknown.length === 0
      ? []
      : [problem('invalid', 'policies.processors', 'has processors that are no slots', SLOTS.join(', '))]),
  ];
}
