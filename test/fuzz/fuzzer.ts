import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { Random } from '../../bench/random.js';
import { ROOT } from '../support/service.js';
import type { Target } from './targets.js';

/** Inputs that are kept: each reached code that none before it did. */
export const CORPUS = join(ROOT, 'test', 'fuzz', 'corpus');
const MAX_BYTES = 4096;
/** An input on which a run takes longer is a finding, however slow the machine. */
const SLOW_MS = 5_000;
/** Bytes and words that formats give a meaning. */
const DICTIONARY = [
  ...[
    '\0',
    '\xff',
    '\x80',
    '\x0a',
    '\x12',
    '\n',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '%',
    '=',
    '&',
    '?',
    '#',
    '/*',
    '--',
  ],
  ...[
    'null',
    'true',
    '-1',
    '1e999',
    '9007199254740993',
    '__proto__',
    'constructor',
    '\\u0000',
    '%00',
    '$$',
    '://',
    '@',
    '&a',
    '*a',
  ],
].map((text) => Buffer.from(text, 'latin1'));

export function corpusOf(name: string): Uint8Array[] {
  const folder = join(CORPUS, name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file)));
}

export interface Failure {
  readonly error: Error;
  readonly file: string;
}

/**
 * Mutates what is in the corpus and keeps what reaches new code of `src/engine`, as V8's block coverage sees it. Ends at
 * the first input on which the target throws or takes too long, which is kept as well.
 */
export class Fuzzer {
  private readonly session = new Session();
  private readonly seen = new Set<string>();
  private readonly inputs: Uint8Array[] = [];
  private readonly random: Random;
  runs = 0;
  kept = 0;

  constructor(
    private readonly name: string,
    private readonly target: Target,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  async run(milliseconds: number): Promise<Failure | null> {
    this.session.connect();
    await this.session.post('Profiler.enable');
    await this.session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
    try {
      for (const input of [...this.target.seeds, ...corpusOf(this.name)]) {
        const failure = this.try(input);
        if (failure !== null) return failure;
        this.inputs.push(input);
      }
      await this.isNew();
      const end = performance.now() + milliseconds;
      while (performance.now() < end) {
        const input = this.mutate();
        const failure = this.try(input);
        if (failure !== null) return failure;
        if (await this.isNew()) this.keep(input);
      }
      return null;
    } finally {
      this.session.disconnect();
    }
  }

  private try(input: Uint8Array): Failure | null {
    this.runs++;
    const start = performance.now();
    try {
      this.target.run(input);
      if (performance.now() - start < SLOW_MS) return null;
      return { error: new Error(`took ${Math.round(performance.now() - start)} ms`), file: this.write(input) };
    } catch (error) {
      return { error: error as Error, file: this.write(input) };
    }
  }

  /** Whether the last run reached blocks of the engine that no run before it did. */
  private async isNew(): Promise<boolean> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    let news = false;
    for (const { url, functions } of result) {
      if (!url.includes('/dist/src/engine/') && !url.includes('/dist/src/flow/')) continue;
      for (const { ranges } of functions) {
        // The first range is the function, the others are blocks in it that ran or did not: each run can only add to them.
        const blocks = ranges.map(({ startOffset, endOffset, count }) => `${startOffset}-${endOffset}:${count > 0}`);
        const covered = `${url} ${blocks.join(' ')}`;
        if (this.seen.has(covered)) continue;
        this.seen.add(covered);
        news = true;
      }
    }
    return news;
  }

  private keep(input: Uint8Array): void {
    this.inputs.push(input);
    this.kept++;
    this.write(input);
  }

  private write(input: Uint8Array): string {
    const folder = join(CORPUS, this.name);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, hash('sha256', Buffer.from(input), 'hex').slice(0, 16));
    writeFileSync(file, input);
    return file;
  }

  private mutate(): Uint8Array {
    const r = this.random;
    let bytes = Buffer.from(r.pick(this.inputs));
    for (let i = 1 + r.below(4); i > 0; i--) {
      const at = r.below(bytes.length + 1);
      const to = Math.min(bytes.length, at + 1 + r.below(16));
      const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
      switch (r.below(6)) {
        case 0:
          if (at < bytes.length) bytes[at]! ^= 1 << r.below(8);
          break;
        case 1:
          if (at < bytes.length) bytes[at] = r.below(256);
          break;
        case 2:
          bytes = Buffer.concat([head, r.pick(DICTIONARY), tail]);
          break;
        case 3:
          bytes = Buffer.concat([head, bytes.subarray(to)]);
          break;
        case 4:
          bytes = Buffer.concat([head, bytes.subarray(at, to), tail]);
          break;
        default: {
          const other = r.pick(this.inputs);
          bytes = Buffer.concat([head, other.subarray(r.below(other.length + 1))]);
        }
      }
    }
    return bytes.subarray(0, MAX_BYTES);
  }
}
