import type { PatternCompiler } from '../../engine/rules/pattern.js';
import { nodeRe2 } from './node-re2.js';
import { re2js } from './re2js.js';

/** The fastest regular-expression library that this machine has. */
export function patternCompiler(): { compiler: PatternCompiler; name: 're2' | 're2js' } {
  const native = nodeRe2();
  return native !== null ? { compiler: native, name: 're2' } : { compiler: re2js(), name: 're2js' };
}
