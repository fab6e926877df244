import { Inject, Injectable } from '@nestjs/common';
import { storableText } from '../../engine/detect/names.js';
import { type Match, Scanner } from '../../engine/detect/scanner.js';
import { scanExample } from '../../flow/check-rules.js';
import type { RuleSet } from '../files/rule-files.js';
import { RULES } from '../tokens.js';
import { CustomerRules } from './customer-rules.js';

/** Characters of a text that are looked at; the rest is not stored. */
const MAX_SCANNED = 16_384;

/** Keeps what people write beside their settings, and what is stored, free of what the detectors find. */
@Injectable()
export class TextGuard {
  private readonly scanners = new Map<string, { readonly version: number; readonly scanner: Scanner }>();

  constructor(
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly customers: CustomerRules,
  ) {}

  /** Ids of the detectors that find something in a short text, in their order. */
  detectorsIn(tenant: string, value: string): string[] {
    const matches = this.matchesIn(tenant, 'text', value);
    return [...new Set(matches.map(({ detector }) => detector.id))].sort();
  }

  /** Whether a detector finds something in a short text. */
  findsIn(tenant: string, value: string): boolean {
    return this.detectorsIn(tenant, value).length > 0;
  }

  /**
   * A text of somebody else's program as it may be stored: in one line, what the detectors match replaced by `{detector}`,
   * and cut. Where that is not enough only the detectors are named.
   *
   * @param key what the text is of, which may say what it is
   */
  storable(tenant: string, text: string, { key = 'text', most = 255 }: { key?: string; most?: number } = {}): string {
    const whole = text.slice(0, MAX_SCANNED);
    const found = [...this.matchesIn(tenant, key, whole)].sort((a, b) => a.start - b.start);
    const plain = storableText(whole.replace(/[\t\r\n]/g, ' '), found, most);
    const left = found.length === 0 ? [] : this.matchesIn(tenant, key, plain);
    if (left.length === 0) return plain;
    return [...new Set([...found, ...left].map(({ detector }) => `{${detector.id}}`))].sort().join(' ').slice(0, most);
  }

  private matchesIn(tenant: string, key: string, value: string): readonly Match[] {
    return scanExample(this.scanner(tenant), { key, value, siblings: {} });
  }

  private scanner(tenant: string): Scanner {
    const { version, detectors } = this.customers.of(tenant);
    const known = this.scanners.get(tenant);
    if (known?.version === version) return known.scanner;
    const scanner = new Scanner([...this.rules.detectors, ...detectors], () => '');
    this.scanners.set(tenant, { version, scanner });
    return scanner;
  }
}
