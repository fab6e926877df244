/** How often the line is drawn anew, in milliseconds. */
const INTERVAL = 100;
const CLEAR = '\r\x1b[K';

/** A line on a terminal that says how far the scan is. */
export class Progress {
  private readonly files: ReadonlyMap<string, number>;
  private drawn = 0;
  private shows = false;

  constructor(
    private readonly terminal: NodeJS.WriteStream,
    files: readonly string[],
  ) {
    this.files = new Map(files.map((file, i) => [file, i + 1]));
  }

  at(file: string, line: number): void {
    const now = Date.now();
    if (now - this.drawn < INTERVAL) return;
    this.drawn = now;
    this.shows = true;
    const number = this.files.get(file) ?? 0;
    const text = `scanning file ${number} of ${this.files.size}: ${printable(file)}:${line}`;
    this.terminal.write(`${CLEAR}${text.slice(0, (this.terminal.columns || 80) - 1)}`);
  }

  /** Removes the line. */
  clear(): void {
    if (this.shows) this.terminal.write(CLEAR);
    this.shows = false;
  }
}

/** A text in one line: names of files may hold anything but `/`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
