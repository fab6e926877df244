import { hash } from 'node:crypto';
import { parse } from 'yaml';
import { type EffectiveSlots, slotsOf } from '../../engine/policy/drift.js';

const MAX_TEXT = 4 << 20;
const MAX_SECTIONS = 256 << 10;
const MAX_REMEMBERED = 200;
/** Key of the one file that a collector shows its whole configuration under. */
const WHOLE = '';

/**
 * Reads the configurations that collectors run, one at a time between other work, and keeps of them only what is compared:
 * they may hold whatever people write into configurations.
 */
export class EffectiveConfigs {
  private readonly waiting = new Map<string, { readonly body: Uint8Array; readonly done: Done }>();
  private readonly remembered = new Map<string, EffectiveSlots | null>();
  private busy = false;

  /** Calls back with what is in the files of an agent; only the newest files of each agent are read. */
  read(id: string, files: ReadonlyMap<string, Uint8Array>, done: Done): void {
    const body = files.get(WHOLE) ?? (files.size === 1 ? [...files.values()][0] : undefined);
    if (body === undefined || body.length === 0 || body.length > MAX_TEXT) {
      done(null);
    } else {
      this.waiting.set(id, { body, done });
      if (!this.busy) this.next();
    }
  }

  private next(): void {
    this.busy = true;
    setImmediate(() => {
      const [id, { body, done }] = this.waiting.entries().next().value!;
      this.waiting.delete(id);
      done(this.slots(body));
      if (this.waiting.size > 0) this.next();
      else this.busy = false;
    });
  }

  private slots(body: Uint8Array): EffectiveSlots | null {
    const name = hash('sha256', body, 'hex');
    const known = this.remembered.get(name);
    if (known !== undefined) return known;
    const slots = readSlots(Buffer.from(body).toString('utf8'));
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    this.remembered.set(name, slots);
    return slots;
  }
}

type Done = (slots: EffectiveSlots | null) => void;

/** Slots for policies in the text of a whole configuration; null where it cannot be read. */
export function readSlots(text: string): EffectiveSlots | null {
  const sections = relevant(text);
  if (sections.length > MAX_SECTIONS) return null;
  try {
    return slotsOf(parse(sections, { logLevel: 'error', maxAliasCount: 0, uniqueKeys: false }));
  } catch {
    return null;
  }
}

/**
 * The lines of the sections that count, and of processors those that are slots: a collector's whole configuration is long,
 * and reading YAML slow. What is not in block style is given back as it is.
 */
export function relevant(text: string): string {
  if (!/^processors:[ \t]*$/m.test(text)) return text;
  const kept: string[] = [];
  let section = '';
  let indent = -1;
  let isSlot = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^[^\s#-]/.test(line)) {
      section = line.split(':', 1)[0]!;
      indent = -1;
      if (section === 'processors' || section === 'service') kept.push(line);
    } else if (section === 'service') kept.push(line);
    else if (section === 'processors') {
      const depth = line.search(/[^ ]/);
      if (indent === -1 && depth > 0) indent = depth;
      if (depth === indent) isSlot = /^ *["']?[^\s"':]+\/spanwarden["']?:/.test(line);
      if (isSlot) kept.push(line);
    }
  }
  return kept.join('\n');
}
