import { randomBytes } from 'node:crypto';
import type { Sketch } from '../../engine/model/sketch.js';

/** The row of this process for one key and hour, with the sketch as it was committed last. */
export interface SketchPart {
  readonly part: string;
  readonly sketch: Sketch | null;
}

/** Memory for the sketches of one table: about 6,000 of the largest, or 200,000 of few values. */
const MAX_BYTES = 96 << 20;
/** What an entry takes beside its sketch: its key, the objects and their place in the map. */
const ENTRY_BYTES = 420;

/**
 * The sketches that this process has committed. Each process writes rows of its own, so it knows what they hold and
 * never reads them back, and no two processes wait for each other. A row that is forgotten here is left as it is; if
 * its key comes again, it begins a new one.
 */
export class SketchParts {
  private readonly process = randomBytes(6).toString('hex');
  private generation = 0;
  private bytes = 0;
  private readonly parts = new Map<string, SketchPart>();

  constructor(private readonly maxBytes = MAX_BYTES) {}

  /** The part that counts a row; a new one where there is none. */
  get(rowKey: string): SketchPart {
    return this.parts.get(rowKey) ?? { part: `${this.process}-${this.generation}`, sketch: null };
  }

  /** Notes what was committed. */
  set(rowKey: string, part: SketchPart): void {
    this.forget(rowKey);
    this.parts.set(rowKey, part);
    this.bytes += sizeOf(part);
    if (this.bytes <= this.maxBytes) return;
    while (this.bytes > this.maxBytes && this.parts.size > 1) this.forget(this.parts.keys().next().value as string);
    this.generation++;
  }

  private forget(rowKey: string): void {
    const part = this.parts.get(rowKey);
    if (part === undefined) return;
    this.parts.delete(rowKey);
    this.bytes -= sizeOf(part);
  }
}

function sizeOf({ sketch }: SketchPart): number {
  return ENTRY_BYTES + (sketch?.size ?? 0);
}
