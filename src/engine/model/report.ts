import type { FindingKind, Severity } from './finding.js';
import type { Interval } from './interval.js';
import type { PolicySaving } from './saving.js';

/** Who reads a report: all read the same facts, each reader another choice of them. */
export const AUDIENCES = ['security', 'team-lead', 'executive'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** A monthly edition adds what attributes to prune, a quarterly one what sampling and storage would save. */
export const EDITIONS = ['weekly', 'monthly', 'quarterly', 'on-demand'] as const;
export type Edition = (typeof EDITIONS)[number];

/** A period, from the first millisecond that belongs to it to the first that does not, as ISO 8601 in UTC. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

/** A count and the same count of the period before. */
export interface Compared {
  readonly now: number;
  readonly before: number;
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
  /** In the period. */
  readonly occurrences: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly change: 'new' | 'reopened' | 'fixed' | '';
  readonly link: string;
}

/** Findings of one class and severity. */
export interface FindingCounts {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** Not resolved at the end of the period. */
  readonly open: number;
  /** First seen in it. */
  readonly fresh: number;
  /** Resolved in it, and still so at its end. */
  readonly fixed: number;
  /** Opened again in it. */
  readonly reopened: number;
}

/** Why a cost changed; the four add up to the change. */
export interface CostChange {
  readonly volume: number;
  readonly size: number;
  readonly price: number;
  readonly ownership: number;
}

/** Spans and bytes of a period with what they cost, estimated as `/costs` does. */
export interface ReportUsage {
  readonly spans: number;
  readonly bytes: number;
  readonly cost: number;
  /** Of 95 %; null where nothing is known of the error. */
  readonly costInterval: Interval | null;
}

/** An amount in the currency of the report, with its interval of 95 % where the error is known. */
export interface Amount {
  readonly amount: number;
  readonly interval: Interval | null;
}

export interface ReportTeam extends ReportUsage {
  readonly team: string;
  readonly costBefore: number;
  readonly change: CostChange;
  readonly openFindings: number;
}

export interface ReportService extends ReportUsage {
  readonly service: string;
  readonly team: string;
  readonly errorSpans: number;
  readonly costBefore: number;
}

export interface ReportAttribute {
  readonly service: string;
  readonly location: string;
  readonly key: string;
  readonly bytes: number;
  /** Of the bytes of the report's services, 0 to 1. */
  readonly share: number;
  readonly distinct: number;
  /** Relative. */
  readonly standardError: number;
  readonly cost: number;
  /** Not seen in the period before. */
  readonly isNew: boolean;
}

/** An attribute that is sent under the name that replaced it as well. */
export interface ReportDuplicate {
  readonly service: string;
  readonly location: string;
  readonly key: string;
  /** The name, or names, that replaced it. */
  readonly successor: string;
  readonly bytes: number;
  readonly cost: Amount;
  readonly saving: Amount;
}

/** Something that somebody can do now, with the text to paste. */
export interface ReportAction {
  readonly title: string;
  readonly reason: string;
  /** The worst severity that it answers; null where it is about money alone. */
  readonly risk: Severity | null;
  readonly occurrences: number;
  /** Of the period; 0 where it saves nothing, or the data cannot say. */
  readonly saving: Amount;
  readonly services: readonly string[];
  readonly fix: string;
  readonly link: string;
}

/** An acceptance that ends soon. */
export interface ReportWaiver {
  readonly what: string;
  readonly where: string;
  readonly reason: string;
  readonly expires: string;
}

/** An attribute that could go, and why. */
export interface PruneCandidate {
  readonly service: string;
  readonly location: string;
  readonly key: string;
  readonly reason: string;
  readonly bytes: number;
  readonly cost: number;
  readonly saving: number;
}

/** What keeping all spans with errors and one in ten of the others would do. */
export interface SamplingRow {
  readonly service: string;
  readonly team: string;
  readonly spans: number;
  readonly errorShare: number;
  readonly bytesPerSpan: number;
  readonly cost: number;
  readonly saving: number;
}

/** A part of the period, a day or a week. */
export interface ReportBucket {
  /** Its first day in the time zone of the report, YYYY-MM-DD. */
  readonly day: string;
  readonly spans: number;
  readonly bytes: number;
  readonly cost: number;
  readonly newFindings: number;
}

/** What policies in force were to save and save, for the readers of a report. */
export interface ReportSavings {
  readonly rows: readonly PolicySaving[];
  /** Policies in all; `rows` holds those that save most. */
  readonly total: number;
  /** Money of those that promised something and were measured, and what was measured of them. */
  readonly promised: number;
  readonly measured: Amount;
  readonly unknown: number;
}

/** What of the new findings is new because rules are. */
export interface RuleChange {
  /** Rules that came or changed in the period, sorted: the first of them. */
  readonly rules: readonly string[];
  /** How many there are. */
  readonly total: number;
  /** New findings of these rules. */
  readonly fresh: number;
}

/** What a report says, ready to be rendered. The same store gives the same content. */
export interface Report {
  readonly title: string;
  readonly edition: Edition;
  readonly audience: Audience;
  /** Null for all teams. */
  readonly team: string | null;
  readonly timeZone: string;
  readonly period: Period;
  readonly before: Period;
  /** The first and the last hour that there are spans of; null where there are none at all. */
  readonly dataFrom: string | null;
  readonly dataTo: string | null;
  /** Nothing changed that anybody needs to look at. */
  readonly isQuiet: boolean;
  readonly usage: {
    /** Estimated. */
    readonly spans: Compared;
    readonly bytes: Compared;
    readonly receivedSpans: number;
    readonly services: Compared;
    readonly servicesKnown: number;
    readonly silentServices: readonly string[];
    readonly unownedShare: number;
  };
  readonly cost: {
    readonly currency: string;
    readonly amount: Compared;
    /** Of the amount now, of 95 %. */
    readonly interval: Interval | null;
    /** How the figures came about, in words. */
    readonly basis: string;
    readonly change: CostChange;
    readonly drivers: readonly { readonly service: string; readonly change: number }[];
    readonly priceModel: string;
    readonly pricesConfirmed: boolean;
  };
  readonly findings: {
    readonly counts: readonly FindingCounts[];
    readonly top: readonly ReportFinding[];
    /** All that the top was chosen from. */
    readonly total: number;
  };
  readonly actions: readonly ReportAction[];
  /** What goes when all that is suggested is done; nothing counts twice. */
  readonly saving: Amount;
  readonly savings: ReportSavings;
  readonly ruleChange: RuleChange;
  /** What is stored twice: of all, with the rows that cost most. */
  readonly duplicates: {
    readonly cost: Amount;
    readonly saving: Amount;
    readonly rows: readonly ReportDuplicate[];
    readonly total: number;
  };
  readonly waivers: readonly ReportWaiver[];
  readonly naming: {
    readonly violations: Compared;
    readonly rules: readonly { readonly rule: string; readonly name: string; readonly count: Compared }[];
  };
  readonly teams: readonly ReportTeam[];
  readonly services: readonly ReportService[];
  readonly attributes: readonly ReportAttribute[];
  readonly newAttributes: number;
  readonly policies: { readonly suggested: number; readonly approved: number };
  readonly buckets: readonly ReportBucket[];
  /** Only in a monthly edition. */
  readonly prune: readonly PruneCandidate[];
  /** Only in a quarterly edition. */
  readonly sampling: readonly SamplingRow[];
  readonly basis: { readonly generator: string; readonly rules: string; readonly link: string };
  /** What the report cannot know, in sentences. */
  readonly limits: readonly string[];
}
