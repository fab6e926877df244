/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text of the element itself, with references resolved. */
  readonly text: string;
}

const NAME = '[A-Za-z_][\\w.-]*';
const CHARACTERS = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads the part of XML 1.0 that reports use: elements, attributes, text, the five named entities and numbered ones.
 *
 * @throws at the first thing that is not well formed
 */
export function parseXml(document: string): XmlElement {
  if (!CHARACTERS.test(document)) throw new Error('a character that XML does not have');
  let rest = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  if (rest === document) throw new Error('no XML declaration');

  const take = (form: string): RegExpExecArray | null => {
    const found = new RegExp(`^(?:${form})`, 'u').exec(rest);
    if (found !== null) rest = rest.slice(found[0].length);
    return found;
  };

  const element = (): XmlElement => {
    const name = take(`<(${NAME})`)?.[1];
    if (name === undefined) throw new Error(`no element at: ${rest.slice(0, 40)}`);
    const attributes: Record<string, string> = {};
    for (let found = take(`\\s+(${NAME})="([^"<]*)"`); found !== null; found = take(`\\s+(${NAME})="([^"<]*)"`)) {
      if (Object.hasOwn(attributes, found[1]!)) throw new Error(`${name}: ${found[1]} twice`);
      attributes[found[1]!] = resolve(found[2]!.replace(/[\t\n\r]/g, ' '));
    }
    if (take('\\s*/>') !== null) return { name, attributes, children: [], text: '' };
    if (take('\\s*>') === null) throw new Error(`${name}: not closed at: ${rest.slice(0, 40)}`);
    const children: XmlElement[] = [];
    let text = '';
    for (;;) {
      const raw = take('[^<]*')![0];
      if (raw.includes(']]>')) throw new Error(`${name}: ]]> in text`);
      text += resolve(raw);
      if (take(`</${name}\\s*>`) !== null) return { name, attributes, children, text };
      children.push(element());
    }
  };

  const root = element();
  if (rest.trim() !== '') throw new Error(`something behind the root: ${rest.slice(0, 40)}`);
  return root;
}

function resolve(text: string): string {
  return text.replace(/&([^;\s]*)(;?)/g, (_, name: string, end: string) => {
    const number = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name);
    if (end === ';' && number !== null) {
      return String.fromCodePoint(number[1] ? Number.parseInt(number[1], 16) : Number(number[2]));
    }
    if (end !== ';' || !Object.hasOwn(ENTITIES, name)) throw new Error(`&${name}: no reference`);
    return ENTITIES[name]!;
  });
}
