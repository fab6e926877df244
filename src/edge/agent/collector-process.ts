import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How the process of a collector is found; null where nobody is to be signalled. */
export type CollectorProcess =
  | { readonly pid: number }
  | { readonly pidFile: string }
  | { readonly processName: string }
  | null;

/** Processes that are meant, as they run now. */
export function findProcesses(process: CollectorProcess): number[] {
  if (process === null) return [];
  if ('pid' in process) return isAlive(process.pid) ? [process.pid] : [];
  if ('pidFile' in process) {
    const pid = Number(readText(process.pidFile).trim());
    return Number.isInteger(pid) && pid > 1 && isAlive(pid) ? [pid] : [];
  }
  return processesNamed(process.processName);
}

/** Tells a collector to read its configuration again, which all collectors do on SIGHUP. */
export function reload(pid: number): void {
  process.kill(pid, 'SIGHUP');
}

/** Whether a process is still there after some time; a collector ends when it cannot take what it read. */
export async function staysAlive(pid: number, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  for (let waited = 0; waited < milliseconds && isAlive(pid) && !signal.aborted; waited += 100) await sleep(100);
  return isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Linux only: elsewhere there is no /proc, and nothing is found. */
function processesNamed(name: string): number[] {
  try {
    const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
    return pids.map(Number).filter((pid) => basename(readText(`/proc/${pid}/cmdline`).split('\0')[0]!) === name);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
