import { Sketch } from '../../engine/model/sketch.js';
import type { AttributePlace } from '../../flow/ports.js';

/**
 * Rows of attributes of a tenant ($1) that begin in a window ($2 to $3): hours, and days whose hours were folded into
 * them. A row is either in the one or in the other.
 */
export const ATTRIBUTE_ROWS = `(
  SELECT hour AS start, service, environment, location, key, observations, bytes, types, shapes, distinct_values
  FROM attribute_hourly WHERE tenant_id = $1 AND hour >= $2 AND hour < $3
  UNION ALL
  SELECT day, service, environment, location, key, observations, bytes, types, shapes, distinct_values
  FROM attribute_daily WHERE tenant_id = $1 AND day >= $2 AND day < $3)`;

/** Places that are given as four columns from $4 on, with their numbers from 1. */
export const PLACES = `unnest($4::text[], $5::text[], $6::text[], $7::text[])
  WITH ORDINALITY AS p (service, environment, location, key, n)`;

export function placeColumns(places: readonly AttributePlace[]): string[][] {
  return [
    places.map(({ service }) => service),
    places.map(({ environment }) => environment),
    places.map(({ location }) => location),
    places.map(({ key }) => key),
  ];
}

/**
 * Adds a stored sketch to one. A row that was made anew after its hour was folded has an empty one: what it counts was
 * known then.
 */
export function addPart(sketch: Sketch, bytes: Buffer): void {
  if (bytes.length > 0) sketch.merge(Sketch.fromBytes(bytes));
}
