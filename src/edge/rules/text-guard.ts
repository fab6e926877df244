import { Inject, Injectable } from '@nestjs/common';
import { Scanner } from '../../engine/detect/scanner.js';
import { scanExample } from '../../flow/check-rules.js';
import type { RuleSet } from '../files/rule-files.js';
import { patternCompiler } from '../regex/index.js';
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

  /** Whether a detector finds something in a short text. */
  findsIn(tenant: string, value: string): boolean {
    return scanExample(this.scanner(tenant), { key: 'text', value, siblings: {} }).length > 0;
  }

  private scanner(tenant: string): Scanner {
    const { version, detectors } = this.customers.of(tenant);
    const known = this.scanners.get(tenant);
    if (known?.version === version) return known.scanner;
    const scanner = new Scanner([...this.rules.detectors, ...detectors], patternCompiler().compiler, () => '');
    this.scanners.set(tenant, { version, scanner });
    return scanner;
  }
}
