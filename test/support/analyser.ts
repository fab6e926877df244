import { keyedFingerprint } from '../../src/edge/auth/fingerprint.js';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { KeyedHash } from '../../src/engine/cardinality/keyed-hash.js';
import { Scanner } from '../../src/engine/detect/scanner.js';
import { SensitiveKeys } from '../../src/engine/detect/sensitive-keys.js';
import { ConventionRegistry } from '../../src/engine/naming/registry.js';
import { Analyser, type AnalyserOptions } from '../../src/flow/analyse.js';

const { compiler } = patternCompiler();
const { rules } = loadRules(RULES_DIR, compiler);
const scanner = new Scanner(rules.detectors, keyedFingerprint(Buffer.from('test')));

/** An analyser with all shipped rules and keys that are the same for every test. */
export function makeAnalyser(options: Partial<AnalyserOptions> = {}): Analyser {
  return new Analyser({
    scanner,
    conventions: new ConventionRegistry(rules.conventions),
    sensitiveKeys: new SensitiveKeys(rules.sensitiveKeys),
    hash: new KeyedHash(new Uint8Array(16)),
    seed: 1,
    memoSlots: 1 << 12,
    ...options,
  });
}
