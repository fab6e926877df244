import type { ServiceRow } from '../model/rollup.js';

export const UNOWNED = 'unowned';

/** Where the answer to "whose is it" came from, most reliable first. */
export const OWNER_SOURCES = ['mapping', 'resource', 'namespace', 'none'] as const;
export type OwnerSource = (typeof OWNER_SOURCES)[number];

export interface Owner {
  readonly team: string;
  readonly source: OwnerSource;
}

/** Team of a service: the mapping that people keep, then the resource's own word, then its namespace. */
export function ownerOf(service: ServiceRow, mapping: ReadonlyMap<string, string>): Owner {
  const mapped = mapping.get(service.service);
  if (mapped !== undefined) return { team: mapped, source: 'mapping' };
  if (service.teamHint !== '') return { team: service.teamHint, source: 'resource' };
  if (service.namespace !== '') return { team: service.namespace, source: 'namespace' };
  return { team: UNOWNED, source: 'none' };
}
