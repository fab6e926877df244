import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process of Node.js that the demo started. */
export interface Child {
  readonly pid: number;
  /** Resolves when the process has ended and its output is read, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | string>;
  hasEnded(): boolean;
  /** Calls back with each line that the process prints. */
  onLine(take: (line: string) => void): void;
  /** Asks the process to end, makes it end when it does not, and waits until it has. */
  stop(): Promise<void>;
}

const PATIENCE_MS = 15_000;
/** Settings that are meant for other processes than those of the demo. */
const NOT_INHERITED = /^(?:OTEL_.*|NODE_OPTIONS|DATABASE_URL|REDIS_URL|PORT)$/;

/**
 * Starts a script. It gets a process group of its own, so that Ctrl-C reaches the demo alone, which then ends everything
 * in order, and a channel to the demo, so that it notices when the demo was killed. What it prints as errors is not
 * shown: an error of the shop may hold what it leaks.
 */
export function startChild(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Child {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...inheritedEnvironment(), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  let over = false;
  const hasEnded = (): boolean => over;
  ended.then(() => {
    over = true;
  });
  const lines = createInterface({ input: child.stdout! });
  return {
    pid: child.pid ?? 0,
    ended,
    hasEnded,
    onLine: (take) => void lines.on('line', take),
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const tired = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).then(
    () => child.kill('SIGKILL'),
    () => {},
  );
  await ended;
  patience.abort();
  await tired;
}

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name)));
}
