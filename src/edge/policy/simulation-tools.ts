import { createHmac, hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { RE2JS, RE2JSException } from 're2js';
import type { Match, SimulationTools, TextPattern } from '../../engine/policy/simulate.js';

/**
 * RE2 over text with all groups, native where this machine has it, and hashes.
 *
 * @param hashKey of a collector; with another one keyed hashes are as long and as many, but not the same
 */
export function simulationTools(hashKey = 'simulated'): SimulationTools {
  return {
    compile: native() ?? portable,
    sha256: (text) => hash('sha256', text, 'hex'),
    keyedHash: (text) => createHmac('sha256', hashKey).update(text).digest('hex'),
  };
}

function native(): SimulationTools['compile'] | null {
  let Re2: typeof import('re2');
  try {
    Re2 = createRequire(import.meta.url)('re2') as typeof import('re2');
  } catch {
    return null;
  }
  return (source) => {
    try {
      const pattern = new Re2(source, 'dg');
      return { exec: (text, from) => found(pattern, text, from) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'does not compile' };
    }
  };
}

function found(pattern: RegExp, text: string, from: number): Match | null {
  pattern.lastIndex = from;
  const indices = pattern.exec(text)?.indices;
  return indices === undefined ? null : indices.map((range) => range ?? [-1, -1]);
}

function portable(source: string): TextPattern | { readonly error: string } {
  try {
    const pattern = RE2JS.compile(source);
    return {
      exec(text, from) {
        const matcher = pattern.matcher(text);
        if (!matcher.find(from)) return null;
        return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => [
          matcher.start(group),
          matcher.end(group),
        ]);
      },
    };
  } catch (error) {
    if (error instanceof RE2JSException) return { error: error.message };
    throw error;
  }
}
