import { MAX_CODE_PLACES } from '../model/code-place.js';
import { type Finding, isBetterExample, lastPastPolicies } from '../model/finding.js';
import type { AttributeRow, Rollup, ServiceRow, SpanNameRow, UsageRow } from '../model/rollup.js';
import { addHour, addShape, addSmallest } from './rollup-builder.js';

/**
 * Adds rollups up. The result does not depend on the order of the rollups or on how they were grouped; of two
 * sightings in the same millisecond the greater trace id names the example.
 */
export class RollupMerge {
  private readonly usage = new Map<string, UsageRow>();
  private readonly attributes = new Map<string, AttributeRow>();
  private readonly names = new Map<string, SpanNameRow>();
  private readonly services = new Map<string, ServiceRow>();
  private readonly findings = new Map<string, Finding>();

  add(rollup: Rollup): void {
    for (const row of rollup.usage) this.addUsage(row);
    for (const row of rollup.attributes) this.addAttribute(row);
    for (const row of rollup.spanNames) this.addSpanName(row);
    for (const row of rollup.services) this.addService(row);
    for (const row of rollup.findings) this.addFinding(row);
  }

  result(): Rollup {
    return {
      usage: [...this.usage.values()],
      attributes: [...this.attributes.values()],
      spanNames: [...this.names.values()],
      services: [...this.services.values()],
      findings: [...this.findings.values()],
    };
  }

  private addUsage(row: UsageRow): void {
    const name = `${row.service}\0${row.environment}\0${row.hour}`;
    const sum = this.usage.get(name);
    if (sum === undefined) {
      this.usage.set(name, { ...row, traceSums: row.traceSums.slice() });
      return;
    }
    sum.spans += row.spans;
    sum.errorSpans += row.errorSpans;
    sum.spanBytes += row.spanBytes;
    sum.sharedBytes += row.sharedBytes;
    sum.weighedSpans += row.weighedSpans;
    sum.weighedBytes += row.weighedBytes;
    sum.estimatedSpans += row.estimatedSpans;
    sum.estimatedBytes += row.estimatedBytes;
    for (let i = 0; i < sum.traceSums.length; i++) sum.traceSums[i]! += row.traceSums[i]!;
  }

  private addAttribute(row: AttributeRow): void {
    const name = attributeRowKey(row);
    const sum = this.attributes.get(name);
    if (sum === undefined) {
      this.attributes.set(name, { ...row, shapes: [...row.shapes], values: row.values.clone() });
      return;
    }
    sum.observations += row.observations;
    sum.bytes += row.bytes;
    sum.types |= row.types;
    for (const shape of row.shapes) addShape(sum.shapes, shape);
    sum.values.merge(row.values);
  }

  private addSpanName(row: SpanNameRow): void {
    const name = spanNameRowKey(row);
    const sum = this.names.get(name);
    if (sum === undefined) {
      this.names.set(name, { ...row, names: row.names.clone(), shapes: [...row.shapes] });
      return;
    }
    sum.spans += row.spans;
    sum.errorSpans += row.errorSpans;
    sum.bytes += row.bytes;
    sum.names.merge(row.names);
    for (const shape of row.shapes) addShape(sum.shapes, shape);
  }

  private addService(row: ServiceRow): void {
    const name = `${row.service}\0${row.environment}`;
    const known = this.services.get(name);
    const last = (of: (row: ServiceRow) => string): string =>
      known !== undefined && of(known) > of(row) ? of(known) : of(row);
    this.services.set(name, {
      ...row,
      namespace: last((r) => r.namespace),
      teamHint: last((r) => r.teamHint),
      teamLabel: last((r) => r.teamLabel),
      kubernetesNamespace: last((r) => r.kubernetesNamespace),
    });
  }

  private addFinding(row: Finding): void {
    const name = findingKey(row);
    const sum = this.findings.get(name);
    if (sum === undefined) {
      const hours = row.hours.map((count) => ({ ...count }));
      this.findings.set(name, { ...row, hours, fingerprints: [...row.fingerprints], code: [...row.code] });
      return;
    }
    sum.occurrences += row.occurrences;
    for (const { hour, occurrences } of row.hours) addHour(sum.hours, hour, occurrences);
    if (row.confidence === 'high') sum.confidence = 'high';
    if (row.mask < sum.mask) sum.mask = row.mask;
    sum.firstSeen = Math.min(sum.firstSeen, row.firstSeen);
    if (sum.lastPastPolicies !== undefined || row.lastPastPolicies !== undefined) {
      sum.lastPastPolicies = later(lastPastPolicies(sum), lastPastPolicies(row));
    }
    if (isBetterExample(row.lastSeen, row, sum)) {
      sum.lastSeen = row.lastSeen;
      sum.traceId = row.traceId;
      sum.spanId = row.spanId;
    }
    for (const fingerprint of row.fingerprints) addSmallest(sum.fingerprints, fingerprint);
    for (const place of row.code) addSmallest(sum.code, place, MAX_CODE_PLACES);
  }
}

function later(a: number | null, b: number | null): number | null {
  return a === null || (b !== null && b > a) ? b : a;
}

export function attributeRowKey(row: AttributeRow): string {
  return [row.service, row.environment, row.location, row.key, row.hour].join('\0');
}

export function spanNameRowKey(row: SpanNameRow): string {
  return [row.service, row.environment, row.template, row.spanKind, row.hour].join('\0');
}

export function findingKey(row: Finding): string {
  return [row.service, row.environment, row.kind, row.detector, row.location, row.key, row.component].join('\0');
}
