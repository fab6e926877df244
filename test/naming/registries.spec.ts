import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ATTRIBUTE_METADATA } from '@sentry/conventions';
import type { ConventionAttribute, ConventionDocument } from '../../src/engine/model/convention.js';
import { ConventionRegistry } from '../../src/engine/naming/registry.js';
import { ROOT } from '../support/service.js';

interface Registry extends ConventionDocument {
  readonly summary: {
    readonly source: { readonly declared: number; readonly deprecated: number; readonly supplemented: number };
    readonly attributes: number;
    readonly deprecated: Readonly<Record<'total' | 'renamed' | 'obsoleted' | 'moved' | 'uncategorized', number>>;
    readonly renamed_to_elsewhere: readonly string[];
  };
}

const FILES = ['opentelemetry', 'sentry'] as const;
const shipped = (name: string): string => readFileSync(join(ROOT, 'rules', 'conventions', `${name}.json`), 'utf8');
const registries = Object.fromEntries(FILES.map((name) => [name, JSON.parse(shipped(name)) as Registry]));
const openTelemetry = registries.opentelemetry!;
const sentry = registries.sentry!;
const all = new ConventionRegistry([openTelemetry, sentry]);

/** Doc comment of each attribute's constant, read without the builder. */
function declarations(): Map<string, string> {
  const dist = dirname(createRequire(join(ROOT, 'package.json')).resolve('@opentelemetry/semantic-conventions'));
  const found = new Map<string, string>();
  for (const file of ['stable_attributes', 'experimental_attributes']) {
    let comment: string[] = [];
    for (const line of readFileSync(join(dist, `${file}.d.mts`), 'utf8').split('\n')) {
      if (line.startsWith('/**')) comment = [];
      else if (line.startsWith(' *')) comment.push(line.slice(2));
      const constant = /^declare const (ATTR_\w+):/.exec(line)?.[1];
      if (constant !== undefined) found.set(constant, comment.join('\n'));
    }
  }
  return found;
}

describe('the builder', () => {
  let builder: { conventionFiles(): Promise<Map<string, string>> };

  beforeAll(async () => {
    builder = await import(join(ROOT, 'scripts', 'generate-conventions.mjs'));
  });

  test('makes the same bytes each time, and they are those that ship', async () => {
    const [first, second] = [await builder.conventionFiles(), await builder.conventionFiles()];
    expect([...first]).toEqual([...second]);
    for (const name of FILES) expect(first.get(`rules/conventions/${name}.json`)).toBe(shipped(name));
  });

  test.each(FILES)('classifies and counts every deprecated key of %s', (name) => {
    const { summary, attributes } = registries[name]!;
    const deprecated = Object.values(attributes).filter((a) => a.deprecated !== undefined);
    const { total, ...reasons } = summary.deprecated;
    expect(deprecated).toHaveLength(total);
    expect(Object.values(reasons).reduce((sum, n) => sum + n, 0)).toBe(total);
    expect(summary.source.deprecated + summary.source.supplemented).toBe(total);
    expect(Object.keys(attributes)).toHaveLength(summary.attributes);
    for (const [reason, n] of Object.entries(reasons)) {
      expect([reason, deprecated.filter((a) => a.deprecated!.reason === reason).length]).toEqual([reason, n]);
    }
  });

  test('has counted what the packages have', () => {
    const comments = [...declarations().values()];
    expect(openTelemetry.summary.source).toEqual({
      declared: comments.length,
      deprecated: comments.filter((comment) => comment.includes('@deprecated')).length,
      supplemented: 5,
    });
    const moved = comments.filter((comment) => /@deprecated\s+Moved to/.test(comment));
    expect(openTelemetry.summary.deprecated.moved).toBe(moved.length);
    const metadata = Object.values(ATTRIBUTE_METADATA);
    expect(sentry.summary.source).toEqual({
      declared: metadata.length,
      deprecated: metadata.filter(({ deprecation }) => deprecation !== undefined).length,
      supplemented: 0,
    });
  });

  test('leads every rename to a name that is in use in a registry', () => {
    for (const [name, registry] of Object.entries(registries)) {
      const { attributes, summary } = registry;
      const own = new ConventionRegistry([registry]);
      expect([name, summary.renamed_to_elsewhere]).toEqual([name, []]);
      for (const [key, { deprecated }] of Object.entries(attributes)) {
        if (deprecated?.reason !== 'renamed') continue;
        const to = own.renamedTo(key);
        expect([key, deprecated.renamedTo]).not.toEqual([key, undefined]);
        expect([key, to === undefined ? undefined : own.find(to)?.key]).not.toEqual([key, undefined]);
      }
    }
  });
});

const attribute = (key: string): ConventionAttribute => openTelemetry.attributes[key]!;

describe('what the registries say', () => {
  test('tells renamed, split, moved and other deprecations apart', () => {
    expect(attribute('http.method').deprecated).toEqual({ reason: 'renamed', renamedTo: 'http.request.method' });
    expect(attribute('http.target').deprecated).toEqual({ reason: 'obsoleted', splitInto: ['url.path', 'url.query'] });
    expect(attribute('gen_ai.request.model').deprecated).toEqual({ reason: 'moved' });
    expect(attribute('db.user').deprecated).toEqual({ reason: 'obsoleted' });
    expect(attribute('net.peer.name').deprecated).toEqual({
      reason: 'uncategorized',
      see: ['server.address', 'client.address'],
    });
    // The type differs, so that a rename alone is no answer.
    expect(attribute('db.redis.database_index').deprecated?.reason).toBe('uncategorized');
  });

  test('knows names whose constants their successors took', () => {
    expect(all.renamedTo('messaging.client_id')).toBe('messaging.client.id');
    expect(all.renamedTo('faas.time')).toBe('faas.document.time');
  });

  test('follows templates and renames of what was renamed', () => {
    expect(all.renamedTo('container.labels.app')).toBe('container.label.app');
    expect(all.renamedTo('rpc.connect_rpc.error_code')).toBe('rpc.status_code');
    expect(all.renamedTo('http.request.method')).toBeUndefined();
    expect(all.find('http.request.header.content-type')?.key).toBe('http.request.header.*');
  });

  test('has enum values, without those that list nothing, and keeps deprecated values apart from keys', () => {
    expect(attribute('http.request.method').values).toContain('_OTHER');
    expect(attribute('http.request.method').values).toContain('QUERY');
    expect(attribute('error.type').values).toBeUndefined();
    expect(attribute('rpc.grpc.status_code')).toMatchObject({
      type: 'int',
      values: expect.arrayContaining(['0', '16']),
    });
    const withDeprecatedValues = Object.values(openTelemetry.attributes).filter(
      (a) => a.deprecatedValues !== undefined,
    );
    expect(withDeprecatedValues.some((a) => a.deprecated === undefined)).toBe(true);
  });

  test('knows where attributes belong', () => {
    expect(attribute('k8s.pod.name').level).toBe('resource');
    expect(attribute('service.version').level).toBe('resource');
    expect(attribute('deployment.environment.name').level).toBe('resource');
    expect(attribute('http.request.method').level).toBe('span');
    expect(attribute('cloud.resource_id').level).toBe('either');
    expect(attribute('service.peer.name').level).toBeUndefined();
    expect(attribute('user.id').level).toBeUndefined();
  });

  test('has a line of what each attribute of the standard means', () => {
    const without = Object.entries(openTelemetry.attributes).filter(
      ([, { brief = '' }]) => !/^\S.{2,150}$/.test(brief),
    );
    expect(without.map(([key]) => key)).toEqual([]);
  });

  test('asks the registries in their order', () => {
    expect(all.find('http.route')).toMatchObject({ kind: 'standard' });
    expect(all.find('ai.toolCall.args')).toMatchObject({
      kind: 'vendor',
      registry: `Sentry conventions ${sentry.version}`,
    });
  });
});
