import { describe, expect, test } from '@jest/globals';
import { OUTSIDE_ENUM } from '../../src/engine/model/location.js';
import type { AttributeRow } from '../../src/engine/model/rollup.js';
import { makeAnalyser } from '../support/analyser.js';
import { type Attributes, encodeRequest, jsonRequest } from '../support/otlp.js';

const NOW = Date.UTC(2026, 8, 7, 10);

function rows(
  spans: readonly Attributes[],
  format: 'otlp-protobuf' | 'otlp-json' = 'otlp-protobuf',
): ReadonlyMap<string, AttributeRow> {
  const request = [
    {
      resource: { 'service.name': 'web', 'os.type': 'temple' },
      spans: spans.map((attributes) => ({ attributes, start: NOW })),
    },
  ];
  const bytes = format === 'otlp-json' ? new TextEncoder().encode(jsonRequest(request)) : encodeRequest(request);
  const { rollup } = makeAnalyser().analyse(bytes, format, NOW);
  return new Map(rollup.attributes.map((row) => [row.key, row]));
}

const isOutside = (row: AttributeRow | undefined): boolean => ((row?.types ?? 0) & OUTSIDE_ENUM) !== 0;

describe('values of enums', () => {
  test.each(['otlp-protobuf', 'otlp-json'] as const)('outside of them leave a mark on the row, in %s', (format) => {
    const found = rows(
      [
        { 'http.request.method': 'GET', 'rpc.grpc.status_code': 5, 'network.transport': 'tcp', 'error.type': 'E42' },
        { 'http.request.method': 'GET', 'rpc.grpc.status_code': 99, 'network.transport': 'pigeon' },
        { 'http.request.method': 'POST', 'network.transport': 'tcp', 'acme.colour': 'blue' },
      ],
      format,
    );
    expect(isOutside(found.get('http.request.method'))).toBe(false);
    expect(isOutside(found.get('rpc.grpc.status_code'))).toBe(true);
    expect(isOutside(found.get('network.transport'))).toBe(true);
    expect(isOutside(found.get('error.type'))).toBe(false);
    expect(isOutside(found.get('acme.colour'))).toBe(false);
    expect(isOutside(found.get('os.type'))).toBe(true);
  });

  test('known from before still leave it in another service', () => {
    const analyser = makeAnalyser();
    const send = (service: string): boolean => {
      const spans = [{ attributes: { 'network.transport': 'pigeon' }, start: NOW }];
      const request = encodeRequest([{ resource: { 'service.name': service }, spans }]);
      const { rollup } = analyser.analyse(request, 'otlp-protobuf', NOW);
      return isOutside(rollup.attributes.find(({ key }) => key === 'network.transport'));
    };
    expect([send('a'), send('b'), send('a')]).toEqual([true, true, true]);
  });

  test('that are long, or of another type than the enum, are outside or said by the type', () => {
    const long = rows([{ 'network.transport': 'x'.repeat(5_000) }]);
    expect(isOutside(long.get('network.transport'))).toBe(true);
    const list = rows([{ 'network.transport': ['tcp'] }]);
    expect(isOutside(list.get('network.transport'))).toBe(false);
  });

  test('leave nothing of themselves', () => {
    const found = rows([{ 'network.transport': 'pigeon-of-the-king' }]);
    const { values, ...rest } = found.get('network.transport')!;
    expect(JSON.stringify(rest)).not.toContain('pigeon');
    expect(values.estimate().distinct).toBe(1);
  });
});

test('a key is a finding of the rollup where its name is a violation', () => {
  const request = encodeRequest([
    {
      resource: { 'service.name': 'web' },
      spans: [{ attributes: { 'http.method': 'GET', userId: 1, user_id: 1, error: true }, start: NOW }],
    },
  ]);
  const { rollup } = makeAnalyser().analyse(request, 'otlp-protobuf', NOW);
  const naming = rollup.findings
    .filter(({ kind }) => kind === 'naming')
    .map(({ detector, key }) => `${detector} ${key}`);
  expect(naming.sort()).toEqual(['deprecated http.method', 'illegal_namespace error', 'invalid_format userId']);
});
