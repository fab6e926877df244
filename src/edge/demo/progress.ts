import type { TrafficCount } from './shop.js';

/** How far the demo is. */
export interface Standing extends TrafficCount {
  readonly seconds: number;
  readonly spans: number;
  readonly findings: number;
}

const EVERY_SECONDS = 10;

/** Says how far the demo is: in one line that is written over on a terminal, in a line every ten seconds elsewhere. */
export class Progress {
  private lastSaid = 0;
  private open = false;

  /**
   * @param terminal where a line can be written over; null where it cannot
   * @param say takes a line for good
   */
  constructor(
    private readonly terminal: { write(text: string): unknown } | null,
    private readonly say: (line: string) => void,
  ) {}

  update(standing: Standing): void {
    const line = standingLine(standing);
    if (this.terminal !== null) {
      this.terminal.write(`\r\x1b[2K${line}`);
      this.open = true;
    } else if (standing.seconds - this.lastSaid >= EVERY_SECONDS) {
      this.lastSaid = Math.floor(standing.seconds / EVERY_SECONDS) * EVERY_SECONDS;
      this.say(line);
    }
  }

  /** Leaves the line that was written over last. */
  end(): void {
    if (this.open) this.terminal?.write('\n');
    this.open = false;
  }
}

function standingLine({ seconds, requests, spans, findings }: Standing): string {
  const count = (n: number): string => n.toLocaleString('en-US');
  return `  ${Math.floor(seconds)} s: ${count(requests)} requests, ${count(spans)} spans received, ${findings} findings`;
}
