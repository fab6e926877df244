import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { FindingPage } from '../../src/edge/serve/contract.js';
import { encodeRequest } from '../support/otlp.js';
import { breaches, mail, plant } from '../support/planted.js';
import { ROOT, type Service, startService } from '../support/service.js';

/* Findings whose spans say where in code they were made, as SARIF, against the schema of OASIS. */

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
      readonly region?: { readonly startLine: number };
    };
    readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
  }[];
  readonly relatedLocations?: readonly unknown[];
  readonly suppressions?: readonly { readonly status: string }[];
  readonly properties: { readonly service: string; readonly key: string };
}
interface Log {
  readonly runs: readonly [{ readonly tool: { driver: { rules: { id: string }[] } }; readonly results: Result[] }];
}

const schema = JSON.parse(readFileSync(join(ROOT, 'test', 'scan', 'sarif.schema.json'), 'utf8')) as object;
const ajv = new Ajv({ strict: false, allErrors: true });
addFormatsModule.default(ajv);
const validate = ajv.compile(schema);

let service: Service;

beforeAll(async () => {
  service = await startService();
  const span = (code: Record<string, string | number>, key = 'note') => ({
    attributes: { [key]: `to ${plant(mail)}`, ...code },
  });
  await service.send(
    encodeRequest([
      {
        resource: { 'service.name': 'web' },
        spans: [
          span({
            'code.file.path': '/usr/src/app/src/a b.ts',
            'code.line.number': 42,
            'code.function.name': 'Cart.add',
          }),
          span({ 'code.filepath': '/usr/src/app/src/old.ts', 'code.lineno': 7 }),
          ...Array.from({ length: 9 }, (_, i) => span({ 'code.file.path': `/usr/src/app/src/many-${i}.ts` })),
          span({ 'code.file.path': `/home/${plant(mail)}/x.ts`, 'code.line.number': -3 }, 'other'),
        ],
      },
      { resource: { 'service.name': 'jobs' }, spans: [span({})] },
    ]),
  );
});

afterAll(async () => {
  await service?.stop();
});

async function sarif(query = ''): Promise<Log> {
  const { status, headers, text } = await service.api<string>(`/api/v1/findings.sarif?${query}`);
  expect([status, headers.get('content-type')]).toEqual([200, 'application/sarif+json; charset=utf-8']);
  const log = JSON.parse(text) as Log;
  expect(validate(log) ? [] : validate.errors).toEqual([]);
  expect(breaches('findings.sarif', text)).toEqual([]);
  return log;
}

test('findings that are located in code are results, with a few places each, relative to the root of the source', async () => {
  const [{ tool, results }] = (await sarif('kind=pii&source_root=/usr/src/app')).runs;
  expect(results.map(({ properties }) => [properties.service, properties.key]).sort()).toEqual([
    ['web', 'code.file.path'],
    ['web', 'note'],
    ['web', 'other'],
  ]);
  const note = results.find(({ properties }) => properties.key === 'note')!;
  expect(tool.driver.rules[note.ruleIndex]!.id).toBe(note.ruleId);
  expect(note.locations).toEqual([
    {
      physicalLocation: {
        artifactLocation: { uri: 'src/a%20b.ts', uriBaseId: 'SRCROOT' },
        region: { startLine: 42 },
      },
      logicalLocations: [{ fullyQualifiedName: 'Cart.add', kind: 'function' }],
    },
  ]);
  expect(note.relatedLocations).toHaveLength(4);
  // A place that holds a value itself is kept without it, and a line that is none is left out.
  const other = results.find(({ properties }) => properties.key === 'other')!;
  expect(decodeURIComponent(other.locations[0]!.physicalLocation.artifactLocation.uri)).toMatch(
    /^file:\/\/\/home\/\{.*\}\/x\.ts$/,
  );
  expect(other.locations[0]!.physicalLocation.region).toBeUndefined();
});

test('places are shown with findings, and one that came back under an older name of the conventions too', async () => {
  const { body } = await service.api<FindingPage>('/api/v1/findings?kind=pii&service=web&key=note');
  expect(body.data[0]!.code).toHaveLength(5);
  expect(body.data[0]!.code[0]).toEqual({ file: '/usr/src/app/src/a b.ts', line: 42, function: 'Cart.add' });
  const jobs = await service.api<FindingPage>('/api/v1/findings?kind=pii&service=jobs');
  expect(jobs.body.data[0]!.code).toEqual([]);
});

test('what was accepted is suppressed, what is fixed is gone', async () => {
  const { body } = await service.api<FindingPage>('/api/v1/findings?kind=pii&service=web');
  const change = (id: string, resolution: string) =>
    service.api(`/api/v1/findings/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ state: 'resolved', resolution }),
    });
  const idOf = (key: string): string => body.data.find((finding) => finding.key === key)!.id;
  expect((await change(idOf('note'), 'false_positive')).status).toBe(200);
  expect((await change(idOf('other'), 'fixed_at_source')).status).toBe(200);
  const [{ results }] = (await sarif('kind=pii')).runs;
  const left = results.filter(({ properties }) => properties.key !== 'code.file.path');
  expect(left.map(({ properties, suppressions }) => [properties.key, suppressions?.[0]?.status])).toEqual([
    ['note', 'accepted'],
  ]);
  // Nothing found: a run without results, so that alerts close.
  expect((await sarif('service=nobody')).runs[0].results).toEqual([]);
});
