// Writes the files that follow from others: `npm run generate`. `npm run check` fails when one is out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import 'reflect-metadata';
import { conventionFiles } from './generate-conventions.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = (path) => import(join(root, 'dist', 'src', path));

/** Path and content of every generated file. */
export async function generatedFiles() {
  return new Map([
    ...(await conventionFiles()),
    ['docs/openapi.json', await openApi()],
    ['docs/configuration.md', await configuration()],
    ['docs/detectors.md', await detectors()],
    ['docs/rules.md', rulesGuide()],
  ]);
}

async function openApi() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { openApiDocument } = await dist('edge/serve/openapi.js');
  const { API_CONTROLLERS } = await dist('edge/serve/controllers/index.js');
  return `${JSON.stringify(openApiDocument(API_CONTROLLERS, version), null, 2)}\n`;
}

async function configuration() {
  const { settings } = await dist('config.js');
  const rows = settings().map(({ name, otherwise, kind, about }) => {
    const standard =
      otherwise === ''
        ? ''
        : /^[\d./:* ,-]|^all$|^UTC$|^info$|^text$|^[a-z]+-/.test(otherwise)
          ? `\`${otherwise}\``
          : otherwise;
    return `| \`${name}\` | ${standard} | ${kind.allowed} | ${about} |`;
  });
  return `# Configuration

spanwarden is configured by environment variables. All problems are reported at once when it starts; they name the
variable and what is allowed, never the value. An empty variable counts as not set.

| Variable | Default | Allowed | Meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

This page is made from \`src/config.ts\` by \`npm run generate\`.
`;
}

async function detectors() {
  const { loadRules, RULES_DIR } = await dist('edge/files/rule-files.js');
  const { re2js } = await dist('edge/regex/re2js.js');
  const { rules } = loadRules(RULES_DIR, re2js());
  const families = [...new Set(rules.detectors.map((d) => d.family))].sort();
  const sections = families.map((family) => {
    const rows = rules.detectors
      .filter((d) => d.family === family)
      .map((d) => `| \`${d.id}\` | ${d.name} | ${d.kind} | ${d.severity} | ${d.confidence} | ${d.remedy} |`);
    return `## ${family}\n\n| Id | Finds | Kind | Severity | Confidence | What to do |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Detectors

The ${rules.detectors.length} detectors that ship, by family. Each is an entry of a file below \`rules/detectors\`, with its examples
and with values that it must not find. Confidence \`high\` is shown first; \`other\` needs a person's look.

${sections.join('\n')}
This page is made from \`rules/detectors\` by \`npm run generate\`.
`;
}

/** The guide with its two tables made anew from the comments in the code. */
function rulesGuide() {
  const source = (...path) => readFileSync(join(root, 'src', 'engine', 'detect', ...path), 'utf8');
  const comment = (text) =>
    text
      .replace(/^\s*\*? ?/gm, '')
      .replace(/\s+/g, ' ')
      .trim();
  const validators = readdirSync(join(root, 'src', 'engine', 'detect', 'validators'))
    .filter((file) => file !== 'index.ts')
    .map((file) => [
      file.replace('.ts', ''),
      source('validators', file)
        .match(/\/\*\*([\s\S]*?)\*\/\s*export function/)[1]
        .split('/**')
        .at(-1),
    ]);
  const shapes = [...source('harmless-shapes.ts').matchAll(/ {2}\/\*\*(.*)\*\/\n {2}'?([a-z-]+)'?[:,]/g)].map(
    ([, text, name]) => [name, text],
  );
  const table = (name, rows) =>
    `<!-- ${name} -->\n| Name | Holds for |\n| --- | --- |\n${rows.map(([id, text]) => `| \`${id}\` | ${comment(text)} |`).join('\n')}\n<!-- end of ${name} -->`;
  return readFileSync(join(root, 'docs', 'rules.md'), 'utf8')
    .replace(/<!-- validators -->[\s\S]*<!-- end of validators -->/, () => table('validators', validators))
    .replace(/<!-- shapes -->[\s\S]*<!-- end of shapes -->/, () => table('shapes', shapes));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, content] of await generatedFiles()) {
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === content) continue;
    writeFileSync(file, content);
    process.stdout.write(`${path}\n`);
  }
}
