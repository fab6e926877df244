import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatProblem } from '../../engine/problem.js';
import { type CollectorProcess, findProcesses, reload, staysAlive } from './collector-process.js';
import { pull } from './pull.js';
import type { Reporter } from './reporter.js';
import { checkServedConfig } from './served-config.js';
import { idleSlots } from './slot-use.js';

export interface AgentOptions {
  /** Address of the policy set. */
  readonly url: string;
  readonly token: string | null;
  /** The file that the collector reads as its last configuration. */
  readonly file: string;
  /** The collector, which validates; its other configurations, in order. */
  readonly collector: string;
  readonly configs: readonly string[];
  readonly process: CollectorProcess;
  readonly intervalSeconds: number;
  /** Policies after whose reload the collector ends within this time are taken back. */
  readonly settleSeconds: number;
  /** Who is told what became of policies; null for nobody. */
  readonly reporter: Reporter | null;
}

/** What a round came to. `unchanged`, `applied`: the newest policies are in place; otherwise the last good ones are. */
export type Round = 'unchanged' | 'applied' | 'refused' | 'rolled-back' | 'unreachable';

/** A collector reads this where there never were policies: the slot stays as the collector's own file has it. */
const NO_POLICIES = 'processors: {}\n';
const VALIDATE_TIMEOUT_MS = 60_000;

/**
 * Keeps the policies of a collector up to date from beside it. A collector that reads a configuration which it cannot take
 * ends, so nothing is put in place before the collector's own `validate` has taken it, and the last good file stays.
 */
export class PolicyAgent {
  /** Of the policies that are in place. */
  private etag: string | null = null;
  /** Policies that the collector could not take, which are not tried again. */
  private refused: string | null = null;

  constructor(
    private readonly options: AgentOptions,
    private readonly say: (line: string) => void,
  ) {}

  /** Makes rounds until it is told to stop. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.round(signal);
      await sleep(this.options.intervalSeconds * 1000, undefined, { signal }).catch(() => {});
    }
  }

  async round(signal: AbortSignal): Promise<Round> {
    const { url, token, file, reporter } = this.options;
    this.makeFile();
    const pulled = await pull(url, token, this.etag);
    if (pulled.kind === 'unchanged') {
      await reporter?.flush();
      return 'unchanged';
    }
    if (pulled.kind === 'unreachable') {
      this.say(`policies: ${pulled.reason}; the last good ones stay`);
      return 'unreachable';
    }
    const { text, etag } = pulled;
    if (text === this.refused) return 'refused';
    if (readFileSync(file, 'utf8') !== text) {
      const verdict = await this.validate(text);
      if (!verdict.valid) {
        if (verdict.isFinal) await reporter?.tell('failed', text, verdict.reason);
        return this.refuse(text, verdict);
      }
      await reporter?.tell('applying', text);
      if (!(await this.apply(text, signal))) {
        await reporter?.tell('failed', text, 'the collector ended when it read them');
        return 'rolled-back';
      }
    }
    await reporter?.tell('applied', text);
    const isNew = etag !== this.etag;
    this.etag = etag;
    return isNew ? 'applied' : 'unchanged';
  }

  /** There has to be a file before the collector starts, whether or not the server answers. */
  private makeFile(): void {
    const { file } = this.options;
    if (existsSync(file)) return;
    mkdirSync(dirname(file), { recursive: true });
    replace(file, NO_POLICIES);
  }

  private async validate(text: string): Promise<Verdict> {
    const problems = checkServedConfig(text);
    if (problems.length > 0) return { valid: false, isFinal: true, reason: problems.map(formatProblem).join('; ') };
    const { file, collector, configs } = this.options;
    const candidate = `${file}.candidate`;
    writeFileSync(candidate, text);
    try {
      const verdict = await validateWith(collector, [...configs, candidate]);
      if (verdict.valid) await this.tellIdle(candidate, text);
      return verdict;
    } finally {
      rmSync(candidate, { force: true });
    }
  }

  private async tellIdle(candidate: string, text: string): Promise<void> {
    const { collector, configs } = this.options;
    for (const slot of await idleSlots(collector, [...configs, candidate], text)) {
      this.say(`policies: ${slot} is in no pipeline of the collector, so policies that need it are not carried out`);
    }
  }

  private refuse(text: string, { reason, isFinal }: Refusal): Round {
    if (isFinal) this.refused = text;
    this.say(`policies: refused, the last good ones stay: ${reason}`);
    return 'refused';
  }

  /** Puts policies in place and tells the collector; takes them back where it ends. Answers whether they stay. */
  private async apply(text: string, signal: AbortSignal): Promise<boolean> {
    const { file, process: wanted, settleSeconds } = this.options;
    const lastGood = readFileSync(file, 'utf8');
    replace(file, text);
    const pids = findProcesses(wanted);
    for (const pid of pids) reload(pid);
    const alive = await Promise.all(pids.map((pid) => staysAlive(pid, settleSeconds * 1000, signal)));
    if (alive.includes(false)) {
      this.refused = text;
      replace(file, lastGood);
      this.say('policies: taken back, since the collector ended when it read them; the last good ones are in place');
      return false;
    }
    const told = pids.length === 0 ? 'a collector that starts reads them' : `process ${pids.join(', ')} was told`;
    this.say(`policies: in place; ${told}`);
    return true;
  }
}

interface Refusal {
  readonly valid: false;
  readonly reason: string;
  /** Whether the policies are at fault, so that trying them again is of no use. */
  readonly isFinal: boolean;
}
type Verdict = { readonly valid: true } | Refusal;

/** In one step: a collector reads the old file or the new one, never half of one. */
function replace(file: string, text: string): void {
  const next = `${file}.new`;
  writeFileSync(next, text, { flush: true });
  renameSync(next, file);
}

function validateWith(collector: string, configs: readonly string[]): Promise<Verdict> {
  const args = ['validate', ...configs.map((config) => `--config=${config}`)];
  return new Promise((done) => {
    execFile(collector, args, { timeout: VALIDATE_TIMEOUT_MS }, (error, _, stderr) => {
      if (error === null) return done({ valid: true });
      if (typeof error.code === 'string' || error.killed) {
        return done({ valid: false, isFinal: false, reason: `${collector}: cannot be run; --collector names it` });
      }
      const reason = stderr.trim().split('\n').slice(0, 10).join('\n') || `validate ended with ${error.code}`;
      done({ valid: false, isFinal: true, reason });
    });
  });
}

/** The version of a collector, as it says itself; '' where it does not. */
export function versionOf(collector: string): Promise<string> {
  return new Promise((done) => {
    execFile(collector, ['--version'], { timeout: VALIDATE_TIMEOUT_MS }, (_, stdout) => {
      done(/\bv?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? '');
    });
  });
}
