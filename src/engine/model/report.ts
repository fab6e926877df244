import type { FindingKind, Severity } from './finding.js';

/** A period, from the first millisecond that belongs to it to the first that does not, as ISO 8601 in UTC. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

export interface ReportFinding {
  readonly id: string;
  readonly kind: FindingKind;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string;
  readonly team: string;
  readonly place: string;
  readonly mask: string;
  readonly occurrences: number;
  readonly firstSeen: string;
  /** First seen in the period of the report. */
  readonly isNew: boolean;
}

export interface ReportTeam {
  readonly team: string;
  readonly spans: number;
  readonly bytes: number;
  readonly cost: number;
  readonly costBefore: number;
  readonly openFindings: number;
}

export interface ReportAttribute {
  readonly service: string;
  readonly location: string;
  readonly key: string;
  readonly bytes: number;
  readonly share: number;
  readonly distinct: number;
  readonly cost: number;
}

/** What a report says, ready to be rendered. The same store gives the same content. */
export interface Report {
  readonly title: string;
  readonly edition: 'weekly' | 'on-demand';
  readonly period: Period;
  readonly before: Period;
  readonly usage: {
    readonly spans: number;
    readonly bytes: number;
    readonly services: number;
    readonly spansBefore: number;
  };
  readonly cost: {
    readonly currency: string;
    readonly amount: number;
    readonly amountBefore: number;
    readonly priceModel: string;
    readonly pricesConfirmed: boolean;
  };
  readonly findings: {
    readonly open: Readonly<Record<Severity, number>>;
    readonly fresh: number;
    readonly top: readonly ReportFinding[];
  };
  readonly teams: readonly ReportTeam[];
  readonly attributes: readonly ReportAttribute[];
  readonly policies: { readonly suggested: number; readonly approved: number };
  /** What the report cannot know, in sentences. */
  readonly limits: readonly string[];
}
