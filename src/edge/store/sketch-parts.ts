import { randomBytes } from 'node:crypto';
import type { Sketch } from '../../engine/model/sketch.js';

/** The row of this process for one key and hour, with the sketch as it was committed last. */
export interface SketchPart {
  readonly part: string;
  readonly sketch: Sketch | null;
}

/** Sketches that take the most room have 4 KiB. */
const MAX_PARTS = 30_000;

/**
 * The sketches that this process has committed. Each process writes rows of its own, so it knows what they hold and
 * never reads them back, and no two processes wait for each other. A row that is forgotten here is left as it is; if
 * its key comes again, it begins a new one.
 */
export class SketchParts {
  private readonly process = randomBytes(6).toString('hex');
  private generation = 0;
  private readonly parts = new Map<string, SketchPart>();

  /** The part that counts a row; a new one where there is none. */
  get(rowKey: string): SketchPart {
    return this.parts.get(rowKey) ?? { part: `${this.process}-${this.generation}`, sketch: null };
  }

  /** Notes what was committed. */
  set(rowKey: string, part: SketchPart): void {
    this.parts.delete(rowKey);
    this.parts.set(rowKey, part);
    if (this.parts.size <= MAX_PARTS) return;
    this.parts.delete(this.parts.keys().next().value as string);
    this.generation++;
  }
}
