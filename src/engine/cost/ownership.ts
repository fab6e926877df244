import type { ServiceRow } from '../model/rollup.js';

export const UNOWNED = 'unowned';

/** The beginning of time: what was so before anybody said when. */
export const EVER = new Date(0);

/** Sources whose answers people give, with the time from which each holds. */
export const ASSIGNED_SOURCES = ['mapping', 'backstage', 'codeowners'] as const;
export type AssignedSource = (typeof ASSIGNED_SOURCES)[number];

export type OwnerConfidence = 'high' | 'medium' | 'low' | 'none';

/** What a source says from a time on: `team` is null where it says nothing more. */
export interface Assignment {
  readonly service: string;
  readonly source: AssignedSource;
  readonly team: string | null;
  readonly validFrom: Date;
}

interface Source {
  readonly id: string;
  readonly confidence: OwnerConfidence;
  /** What resources say in it; undefined where people say it. */
  readonly of?: (row: ServiceRow) => string;
}

/**
 * Where the answer to "whose is it" comes from: the first that answers counts. Semantic conventions have no key for a
 * team, so the further down, the more is read into what was meant for something else.
 */
export const OWNER_SOURCES = [
  { id: 'mapping', confidence: 'high' },
  { id: 'backstage', confidence: 'high' },
  { id: 'resource', confidence: 'medium', of: (row) => row.teamHint },
  { id: 'kubernetes-label', confidence: 'medium', of: (row) => row.teamLabel },
  { id: 'namespace', confidence: 'low', of: (row) => row.namespace },
  { id: 'kubernetes-namespace', confidence: 'low', of: (row) => row.kubernetesNamespace },
  { id: 'codeowners', confidence: 'low' },
] as const satisfies readonly Source[];
export type OwnerSource = (typeof OWNER_SOURCES)[number]['id'] | 'none';

export interface Owner {
  readonly team: string;
  readonly source: OwnerSource;
  readonly confidence: OwnerConfidence;
  /** Since when, `EVER` where nobody said. */
  readonly validFrom: Date;
  /** Until when, as far as it is known today. */
  readonly validTo: Date | null;
}

const NOBODY: Owner = { team: UNOWNED, source: 'none', confidence: 'none', validFrom: EVER, validTo: null };

/** Owners by service and time, from what resources and people say. */
export class Ownership {
  private readonly rows: ReadonlyMap<string, readonly ServiceRow[]>;
  /** By service: earliest first. */
  private readonly assignments: ReadonlyMap<string, readonly Assignment[]>;

  constructor(services: readonly ServiceRow[], assignments: readonly Assignment[]) {
    this.rows = byService(services);
    const inTime = [...assignments].sort((a, b) => a.validFrom.getTime() - b.validFrom.getTime());
    this.assignments = byService(inTime);
  }

  /** All services that are known of, sorted. */
  get services(): string[] {
    return [...new Set([...this.rows.keys(), ...this.assignments.keys()])].sort();
  }

  /** Owner of a service at a time. */
  ownerOf(service: string, at: Date): Owner {
    for (const source of OWNER_SOURCES) {
      const owner = 'of' in source ? this.said(service, source) : this.assigned(service, source, at);
      if (owner !== null) return owner;
    }
    return NOBODY;
  }

  /** Team that a source gives a service at a time, whatever the other sources say; null where it says nothing. */
  teamBy(source: AssignedSource, service: string, at: Date): string | null {
    const own = this.assignments.get(service)?.filter((assignment) => assignment.source === source);
    return own?.findLast(({ validFrom }) => validFrom <= at)?.team ?? null;
  }

  /**
   * Since when a new word on a service counts where it does not say it: from `now` on, so that what was stays as it was.
   * The first word on a service that was nobody's is about the past as well.
   */
  startOf(service: string, now: Date): Date {
    return this.assignments.has(service) || this.ownerOf(service, now).source !== 'none' ? now : EVER;
  }

  teamsAt(at: Date): Map<string, string> {
    return new Map(this.services.map((service) => [service, this.ownerOf(service, at).team]));
  }

  /** Times within a window at which somebody's word begins to hold, in their order. */
  changesWithin({ from, to }: { readonly from: Date; readonly to: Date }): Date[] {
    const times = [...this.assignments.values()].flat().map(({ validFrom }) => validFrom.getTime());
    const within = times.filter((time) => time > from.getTime() && time < to.getTime());
    return [...new Set(within)].sort((a, b) => a - b).map((time) => new Date(time));
  }

  /** Resources of a service differ by environment: the first that says something speaks for all. */
  private said(service: string, { id, confidence, of }: Required<Source> & { id: OwnerSource }): Owner | null {
    const team = this.rows
      .get(service)
      ?.map(of)
      .find((name) => name !== '');
    return team === undefined ? null : { team, source: id, confidence, validFrom: EVER, validTo: null };
  }

  /** What a source that people fill says of a service at a time. */
  private assigned(service: string, source: Source & { id: AssignedSource }, at: Date): Owner | null {
    const own = this.assignments.get(service)?.filter((assignment) => assignment.source === source.id) ?? [];
    const last = own.findLastIndex(({ validFrom }) => validFrom <= at);
    const { team, validFrom } = own[last] ?? { team: null, validFrom: EVER };
    if (team === null) return null;
    return {
      team,
      source: source.id,
      confidence: source.confidence,
      validFrom,
      validTo: own[last + 1]?.validFrom ?? null,
    };
  }
}

/** Namespaces of Kubernetes that are nobody's. */
const SYSTEM_NAMESPACE = /^(?:default|kube-.*)$/;

/** The text where it can be the name of a team or namespace: '' for masks, templates and sentences. */
export function teamLike(text: string): string {
  return text.length <= 100 && /^[\p{L}\p{N}][\p{L}\p{N} ._/-]*$/u.test(text) && !SYSTEM_NAMESPACE.test(text)
    ? text
    : '';
}

function byService<T extends { readonly service: string }>(rows: readonly T[]): Map<string, T[]> {
  const services = new Map<string, T[]>();
  for (const row of rows) {
    const known = services.get(row.service);
    if (known === undefined) services.set(row.service, [row]);
    else known.push(row);
  }
  return services;
}
