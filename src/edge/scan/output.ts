import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Problem, problem } from '../../engine/problem.js';

const BUFFER = 1 << 16;

/** Hands text on in pieces that are worth a call of the system. */
export class BufferedText {
  private waiting = '';

  constructor(private readonly write: (text: string) => void) {}

  add(text: string): void {
    this.waiting += text;
    if (this.waiting.length >= BUFFER) this.flush();
  }

  flush(): void {
    if (this.waiting !== '') this.write(this.waiting);
    this.waiting = '';
  }
}

/**
 * A file that has its old content until the new one is complete: the text goes to a file beside it, which then takes its
 * name. What is no regular file (`/dev/stdout`, a pipe) is written to as it is.
 */
export class FileOutput {
  private readonly target: string;
  private readonly temporary: string | null;
  private handle: number | null;

  /** @throws when the file cannot be written */
  constructor(file: string) {
    const known = statSync(file, { throwIfNoEntry: false });
    if (known?.isFile() === false) {
      this.target = file;
      this.temporary = null;
      this.handle = openSync(file, 'w');
      return;
    }
    this.target = known === undefined ? file : realpathSync(file);
    const name = `.${basename(this.target)}.${randomBytes(6).toString('hex')}.tmp`;
    this.temporary = join(dirname(this.target), name);
    this.handle = openSync(this.temporary, 'wx');
    if (known !== undefined) chmodSync(this.temporary, known.mode);
  }

  write(text: string): void {
    if (this.handle === null) return;
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.handle, bytes, at);
  }

  /** Makes what was written the file's content. */
  finish(): void {
    if (this.handle === null) return;
    if (this.temporary !== null) fsyncSync(this.handle);
    closeSync(this.handle);
    this.handle = null;
    if (this.temporary !== null) renameSync(this.temporary, this.target);
  }

  /** Leaves the file as it was. After `finish` it does nothing. */
  discard(): void {
    if (this.handle === null) return;
    closeSync(this.handle);
    this.handle = null;
    if (this.temporary !== null) rmSync(this.temporary, { force: true });
  }
}

/** Opens a file for writing, or says why that is not possible. */
export function openOutput(option: string, file: string): FileOutput | Problem {
  try {
    return new FileOutput(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return problem('option', option, `${file} cannot be written (${code ?? 'unknown error'})`, 'a file in a folder');
  }
}
