// Derives rules/conventions/opentelemetry.json from the package @opentelemetry/semantic-conventions: keys, stability
// and deprecations. Its type declarations carry the facts: a doc comment above each constant.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const CONSTANT =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export )?declare const ATTR_\w+: (?:"([^"]+)"|\((?:\w+): string\) => (?:`([^`]+)`|string))/g;

/** @returns {string} the file's content; the same package gives the same bytes */
export function conventionsJson() {
  const entry = createRequire(import.meta.url).resolve('@opentelemetry/semantic-conventions');
  const dist = dirname(entry);
  const { version } = JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8'));
  const attributes = {};
  for (const [file, stability] of [
    ['experimental_attributes', 'development'],
    ['stable_attributes', 'stable'],
  ]) {
    const declarations = readFileSync(join(dist, `${file}.d.mts`), 'utf8');
    const implementation = readFileSync(join(dist, `${file}.mjs`), 'utf8');
    for (const [declaration, comment, key] of declarations.matchAll(CONSTANT)) {
      const name = key ?? templateKey(declaration, implementation);
      if (name === null) continue;
      attributes[name] = { stability, ...deprecation(comment, name) };
    }
  }
  const lines = Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, attribute]) => `    ${JSON.stringify(key)}: ${JSON.stringify(attribute)}`);
  const name = 'OpenTelemetry semantic conventions';
  return `{\n  "name": "${name}",\n  "version": "${version}",\n  "attributes": {\n${lines.join(',\n')}\n  }\n}\n`;
}

/** Constants that are functions of a key: `http.request.header.${key}` becomes `http.request.header.*`. */
function templateKey(declaration, implementation) {
  const constant = /ATTR_\w+/.exec(declaration.slice(declaration.lastIndexOf('declare const')))[0];
  const body = new RegExp(`const ${constant} = \\(key\\) => \`([^\`$]+)\\$\\{key\\}\``).exec(implementation);
  return body === null ? null : `${body[1]}*`;
}

function deprecation(comment, name) {
  const note = /@deprecated\s+([\s\S]*?)(?:\n\s*\*?\s*@|$)/
    .exec(comment)?.[1]
    .replace(/\s*\n\s*\*\s*/g, ' ')
    .trim();
  if (note === undefined) return {};
  if (/^Moved to/i.test(note)) return { deprecated: { reason: 'moved' } };
  const successors = [...note.matchAll(/`([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)`/g)].map((m) => m[1]);
  const single = /^Replaced by `[^`]+`\.?$/.test(note) && successors.length === 1 && successors[0] !== name;
  return { deprecated: single ? { reason: 'renamed', renamedTo: successors[0] } : { reason: 'obsoleted' } };
}
