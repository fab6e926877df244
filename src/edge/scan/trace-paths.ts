import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Problem, problem } from '../../engine/problem.js';

const TRACE_FILE = /\.(?:json|jsonl|pb|bin)(?:\.gz)?$/i;
export const LOOKED_FOR = '*.json, *.jsonl, *.pb, *.bin, and each of them with .gz';
/** Folders in which no traces are, and in which other people's JSON is. */
const LEFT_OUT = new Set(['.git', 'node_modules']);

export interface TracePaths {
  readonly files: readonly string[];
  /** Folders that could not be read, in words. */
  readonly unreadable: readonly { readonly file: string; readonly problems: readonly string[] }[];
  readonly problems: readonly Problem[];
}

/**
 * The files that were named, and those in the folders that were named; each once, in the order of the names.
 *
 * @param except files that are this program's own and not to be scanned
 */
export function findTraceFiles(paths: readonly string[], except: readonly string[]): TracePaths {
  const files = new Map<string, string>();
  const unreadable: { file: string; problems: string[] }[] = [];
  const problems: Problem[] = [];
  const own = new Set(except.map((path) => resolve(path)));
  const visited = new Set<string>();

  const add = (path: string): void => {
    const name = path === '-' ? path : resolve(path);
    if (!files.has(name)) files.set(name, path);
  };

  /** Gives how many trace files are in a folder. */
  const walk = (folder: string): number => {
    let entries: Dirent[];
    try {
      const real = realpathSync(folder);
      if (visited.has(real)) return 0;
      visited.add(real);
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      unreadable.push({ file: folder, problems: [`${folder}: cannot be read (${code ?? 'unknown error'})`] });
      return 1;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    let count = 0;
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? kindOf(path) : entry;
      if (kind?.isDirectory()) count += LEFT_OUT.has(entry.name) ? 0 : walk(path);
      // A link to nowhere is kept, to be told of when it is read.
      else if (TRACE_FILE.test(entry.name) && kind?.isFile() !== false && !own.has(resolve(path))) {
        add(path);
        count++;
      }
    }
    return count;
  };

  for (const path of paths) {
    if (path === '-' || !kindOf(path)?.isDirectory()) add(path);
    else if (walk(path) === 0 && !visitedBefore(path, files)) {
      problems.push(problem('option', path, 'no trace files in this folder', LOOKED_FOR));
    }
  }
  return { files: [...files.values()], unreadable, problems };
}

function kindOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Whether a folder was named twice, or with one that it is in, so that its files are there already. */
function visitedBefore(folder: string, files: ReadonlyMap<string, string>): boolean {
  const inside = join(resolve(folder), '/');
  return [...files.keys()].some((file) => file.startsWith(inside));
}
