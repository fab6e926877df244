/**
 * By how many milliseconds the clock of a child's host must be moved so that the child lies within its parent; 0 where
 * it does. The formula is that of Jaeger (jaegertracing/jaeger, adjuster/clockskew.go): where the child takes longer
 * than its parent, both begin together; else the rest of the time goes before and after it in equal parts.
 */
export function clockSkew(parentStart: number, parentEnd: number, childStart: number, childEnd: number): number {
  if (childStart >= parentStart && childEnd <= parentEnd) return 0;
  const parentTook = parentEnd - parentStart;
  const childTook = childEnd - childStart;
  if (childTook > parentTook) return childStart < parentStart ? parentStart - childStart : 0;
  return parentStart + (parentTook - childTook) / 2 - childStart;
}
