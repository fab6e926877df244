/** How many places in code a finding keeps: the first in order of characters, so that merging is commutative. */
export const MAX_CODE_PLACES = 5;

/** Where in code a span was made, as its attributes `code.*` say; names that passed the detectors. */
export interface CodePlace {
  readonly file: string;
  /** From 1 on; null where it is not said. */
  readonly line: number | null;
  /** '' where it is not said. */
  readonly function: string;
}

/** A place as a text that can be sorted and stored; names have no control characters. */
export function codePlaceText({ file, line, function: name }: CodePlace): string {
  return `${file}\t${line ?? ''}\t${name}`;
}

export function codePlaceOf(text: string): CodePlace {
  const [file = '', line = '', name = ''] = text.split('\t');
  return { file, line: line === '' ? null : Number(line), function: name };
}
