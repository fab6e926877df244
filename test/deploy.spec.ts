import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { settings } from '../src/config.js';
import { renderOtelCollectorConfig } from '../src/engine/policy/targets/otel-collector-config.js';
import { ROOT } from './support/service.js';

interface Compose {
  readonly services: Readonly<
    Record<string, { image?: string; environment?: object; volumes?: string[]; build?: { dockerfile: string } }>
  >;
}

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { services } = parse(text('docker-compose.yml')) as Compose;
const names = new Set(settings().map(({ name }) => name));

test('the composition and the image set what spanwarden reads', () => {
  const composed = Object.keys(services.spanwarden!.environment!);
  const inImage = text('deploy/Dockerfile').match(/\bSPANWARDEN_\w+(?==)/g)!;
  expect([...composed, ...inImage].filter((name) => !names.has(name))).toEqual([]);
  expect(inImage).toEqual(['SPANWARDEN_HOST', 'SPANWARDEN_HOME']);
});

test('files that the composition names are there', () => {
  const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((v) => v.split(':')[0]!));
  const files = [services.spanwarden!.build!.dockerfile, ...mounted.filter((source) => source.startsWith('./'))];
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('the collector of the composition is the one that the conformance suite builds', () => {
  const { dist } = parse(text('test/conformance/manifest.yaml')) as { dist: { version: string } };
  expect(services.collector!.image).toBe(`otel/opentelemetry-collector-contrib:${dist.version}`);
});

test('the ready configuration of a collector is the whole one, without policies', () => {
  expect(parse(text('deploy/collector.yaml'))).toEqual(renderOtelCollectorConfig([]).document);
});

test('what the guide shows of a configuration is in the ready one', () => {
  const ready = parse(text('deploy/collector.yaml')) as Record<string, unknown>;
  const blocks = [...text('docs/collectors.md').matchAll(/```yaml\n# deploy\/collector\.yaml\n(.*?)```/gs)];
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  for (const [, block] of blocks) expect(ready).toMatchObject(parse(block!) as object);
});
