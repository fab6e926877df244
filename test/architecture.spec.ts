import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAst } from 'vite';
import { ROOT } from './support/service.js';

/** What a room may import besides itself, and why. The table is the architecture; the test reads it. */
interface Room {
  readonly path: string;
  readonly rooms: readonly string[];
  /** Packages: names, or `*` for any; `node:` modules count as one. */
  readonly packages: readonly string[];
  readonly why: string;
}

const PURE = ['src/engine/problem.ts', 'src/engine/encoding.ts', 'src/engine/model', 'src/engine/rules'];
const stage = (name: string, ...packages: string[]): Room => ({
  path: `src/engine/${name}`,
  rooms: PURE,
  packages,
  why: 'a stage knows the shapes and the rules, and no other stage: only flow knows the order',
});

const ROOMS: readonly Room[] = [
  {
    path: 'src/engine/problem.ts',
    rooms: [],
    packages: [],
    why: 'everything reports with it, so it depends on nothing',
  },
  {
    path: 'src/engine/encoding.ts',
    rooms: [],
    packages: [],
    why: 'text encodings are functions of their arguments alone',
  },
  {
    path: 'src/engine/model',
    rooms: ['src/engine/problem.ts'],
    packages: ['@datadog/sketches-js'],
    why: 'the shapes that travel depend on nothing that could hold them back, but for a pure sketch of quantiles',
  },
  {
    path: 'src/engine/rules',
    rooms: ['src/engine/problem.ts', 'src/engine/model'],
    packages: [],
    why: 'rule documents are checked without knowing who carries them out',
  },
  stage('decode'),
  stage('detect'),
  stage('naming'),
  stage('cardinality'),
  stage('cost'),
  stage('export'),
  stage('aggregate'),
  stage('policy'),
  stage('opamp'),
  stage('report'),
  stage('triage'),
  stage('quality'),
  stage('notify'),
  {
    path: 'src/flow',
    rooms: ['src/engine'],
    packages: [],
    why: 'flow is the order of the engine over ports; it knows no world',
  },
  {
    path: 'src/config.ts',
    rooms: ['src/engine/problem.ts'],
    packages: ['node:'],
    why: 'reads the environment and nothing else',
  },
  {
    path: 'src/edge',
    rooms: ['src/engine', 'src/flow', 'src/config.ts', 'migrations'],
    packages: ['*'],
    why: 'the world lives here: Nest, TypeORM, BullMQ, RE2, files, sockets',
  },
  {
    path: 'migrations',
    rooms: [],
    packages: ['typeorm'],
    why: 'a migration never changes, so it depends on no code that does',
  },
  {
    path: 'src/main.ts',
    rooms: ['src/edge', 'src/flow', 'src/engine', 'src/config.ts'],
    packages: ['*'],
    why: 'puts everything together',
  },
  {
    path: 'src/cli.ts',
    rooms: ['src/edge', 'src/flow', 'src/engine', 'src/config.ts'],
    packages: ['*'],
    why: 'puts together what a command needs',
  },
  {
    path: 'src/ui',
    rooms: ['src/edge/serve/contract.ts'],
    packages: ['*'],
    why: 'the pages know the API and nothing behind it',
  },
];

/** The engine's rooms have no clock and no chance: the same input gives the same output. */
const IMPURE = /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|setTimeout|setInterval|await )/;

interface Import {
  readonly file: string;
  readonly to: string;
  readonly isType: boolean;
}

function sources(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function importsOf(file: string): Import[] {
  const program = parseAst(readFileSync(join(ROOT, file), 'utf8'), { lang: file.endsWith('x') ? 'tsx' : 'ts' });
  return program.body.flatMap((node) => {
    if (!('source' in node) || node.source === null || node.source === undefined) return [];
    const target = String((node.source as { value: unknown }).value);
    const to = target.startsWith('.') ? posix.join(dirname(file), target).replace(/\.js$/, '.ts') : target;
    const kind = 'importKind' in node ? node.importKind : 'exportKind' in node ? node.exportKind : 'value';
    return [{ file, to, isType: kind === 'type' }];
  });
}

function isIn(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

function roomOf(file: string): Room | undefined {
  return ROOMS.filter((room) => isIn(file, room.path)).sort((a, b) => b.path.length - a.path.length)[0];
}

function isAllowed({ to }: Import, room: Room): boolean {
  const isFile = to.startsWith('src/') || to.startsWith('migrations/');
  if (isFile) return isIn(to, room.path) || room.rooms.some((other) => isIn(to, other));
  const name = to.startsWith('node:') ? 'node:' : to;
  return room.packages.includes('*') || room.packages.includes(name);
}

function complaint({ file, to }: Import, room: Room): string {
  const allowed = ['itself', ...room.rooms, ...room.packages.map((p) => (p === '*' ? 'any package' : p))];
  return `${file} imports ${to}: ${room.path} may import only ${allowed.join(', ')}, since ${room.why}`;
}

const FILES = [...sources('src'), ...sources('migrations')];

describe('architecture', () => {
  test('every file stands in a room', () => {
    expect(FILES.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  test('rooms import only what their row of the table allows', () => {
    const complaints = FILES.flatMap((file) => {
      const room = roomOf(file);
      if (room === undefined) return [];
      return importsOf(file)
        .filter((i) => !isAllowed(i, room))
        .map((i) => complaint(i, room));
    });
    expect(complaints).toEqual([]);
  });

  test('the table catches an import that is not allowed', () => {
    const planted = { file: 'src/engine/detect/planted.ts', to: '@nestjs/common', isType: false };
    const other = { file: 'src/engine/detect/planted.ts', to: 'src/engine/cost/price.ts', isType: true };
    const room = roomOf(planted.file)!;
    expect([isAllowed(planted, room), isAllowed(other, room)]).toEqual([false, false]);
  });

  test('pages import types only from the contract', () => {
    const values = sources('src/ui')
      .flatMap(importsOf)
      .filter((i) => isIn(i.to, 'src/edge') && !i.isType);
    expect(values).toEqual([]);
  });

  test('the engine has no clock and no chance, and waits for nothing', () => {
    const impure = sources('src/engine').filter((file) => {
      const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return IMPURE.test(code);
    });
    expect(impure).toEqual([]);
  });
});
