import { quote } from './ottl-text.js';
import { hasPlaceholder, spanNamePattern } from './span-name-pattern.js';

/**
 * Conditions of OTTL of which one holds for the span names of a template. Names are often templates already, from the
 * framework or from a policy of a processor before.
 *
 * @param path of the span name
 */
export function namedAs(path: string, template: string): string[] {
  const pattern = hasPlaceholder(template) ? [`IsMatch(${path}, ${quote(spanNamePattern(template))})`] : [];
  return [`${path} == ${quote(template)}`, ...pattern];
}
