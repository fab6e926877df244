import { Inject, Injectable } from '@nestjs/common';
import { Scanner } from '../../engine/detect/scanner.js';
import { scanExample } from '../../flow/check-rules.js';
import type { RuleSet } from '../files/rule-files.js';
import { RULES } from '../tokens.js';
import { CustomerRules } from './customer-rules.js';

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
    const matches = scanExample(this.scanner(tenant), { key: 'text', value, siblings: {} });
    return [...new Set(matches.map(({ detector }) => detector.id))].sort();
  }

  /** Whether a detector finds something in a short text. */
  findsIn(tenant: string, value: string): boolean {
    return this.detectorsIn(tenant, value).length > 0;
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
