import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MIGRATIONS } from '../migrations/index.js';
import { SCAN_FORMATS } from '../src/edge/scan/formats/index.js';
import { API_CONTROLLERS, PROCESS_CONTROLLERS } from '../src/edge/serve/controllers/index.js';
import { OpenApiController } from '../src/edge/serve/openapi.controller.js';
import { routesOf } from '../src/edge/serve/openapi.js';
import { WIRE_FORMATS } from '../src/engine/decode/formats.js';
import { VALIDATORS } from '../src/engine/detect/validators/index.js';
import { POLICY_TARGETS } from '../src/engine/policy/targets/index.js';
import { REPORT_FORMATS } from '../src/engine/report/formats/index.js';
import { ROOT } from './support/service.js';

/** A folder whose files each have a line in a table; a file without one would do nothing, and nobody would notice. */
interface Registry {
  readonly folder: string;
  readonly table: string;
  readonly names: readonly string[];
  /** Files of the folder that are no entries. */
  readonly others: readonly string[];
  /** Name of an entry by file, where they differ. */
  readonly nameOf?: Readonly<Record<string, string>>;
}

const REGISTRIES: readonly Registry[] = [
  {
    folder: 'src/engine/decode',
    table: 'src/engine/decode/formats.ts',
    names: Object.keys(WIRE_FORMATS),
    others: ['formats', 'limits', 'otlp-attribute', 'trace-document', 'protobuf-reader', 'protobuf-writer'],
  },
  {
    folder: 'src/engine/detect/validators',
    table: 'src/engine/detect/validators/index.ts',
    names: Object.keys(VALIDATORS),
    others: ['index'],
  },
  {
    folder: 'src/engine/policy/targets',
    table: 'src/engine/policy/targets/index.ts',
    names: Object.keys(POLICY_TARGETS),
    others: ['index', 'target'],
  },
  {
    folder: 'src/engine/report/formats',
    table: 'src/engine/report/formats/index.ts',
    names: Object.keys(REPORT_FORMATS),
    others: ['index'],
    nameOf: { markdown: 'md' },
  },
  {
    folder: 'src/edge/scan/formats',
    table: 'src/edge/scan/formats/index.ts',
    names: Object.keys(SCAN_FORMATS),
    others: ['index'],
  },
];

const namesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .sort();

describe('registries', () => {
  test.each(REGISTRIES)('every file of $folder has its line in $table', ({ folder, names, others, nameOf = {} }) => {
    const entries = namesIn(folder).filter((file) => !others.includes(file));
    expect(entries.map((file) => nameOf[file] ?? file).sort()).toEqual([...names].sort());
  });

  test('every migration is in the list, in the order of its time', () => {
    const files = namesIn('migrations').filter((file) => file !== 'index');
    const names = files.map((file) => {
      const [time, ...words] = file.split('-');
      return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('') + time;
    });
    expect(MIGRATIONS.map((migration) => migration.name)).toEqual(names);
  });

  test('every controller is in the list', () => {
    const files = namesIn('src/edge/serve/controllers').filter((file) => file !== 'index');
    expect(API_CONTROLLERS.length + PROCESS_CONTROLLERS.length).toBe(files.length);
  });

  test('every route is described', () => {
    const routes = routesOf([...API_CONTROLLERS, ...PROCESS_CONTROLLERS, OpenApiController]);
    expect(routes.filter((route) => route.description === undefined)).toEqual([]);
    expect(routes.length).toBeGreaterThan(15);
  });
});
