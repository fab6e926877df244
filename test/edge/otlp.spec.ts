import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resources as otelResources, tracing } from '@opentelemetry/sdk-node';
import { decodeResponse, decodeStatus, encodeRequest, jsonRequest, type TestSpan } from '../support/otlp.js';
import { eventually, type Service, startService } from '../support/service.js';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const MIB = 1 << 20;

let service: Service;

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_MAX_REQUEST_BYTES: String(4 * MIB) } });
});

afterAll(async () => {
  await service?.stop();
});

const request = (name: string, ...spans: TestSpan[]): Uint8Array =>
  encodeRequest([{ resource: { 'service.name': name }, spans: spans.length > 0 ? spans : [{}] }]);

async function post(body: Uint8Array | string, headers: Record<string, string>, path = '/v1/traces', method = 'POST') {
  const given = method === 'GET' || method === 'HEAD' ? {} : { body: body as Uint8Array<ArrayBuffer> };
  const response = await fetch(`${service.endpoints.otlpHttp}${path}`, { method, headers, ...given });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    bytes,
    text: new TextDecoder().decode(bytes),
  };
}

async function spansOf(name: string): Promise<number> {
  const { body } = await service.api<{ rows: { group: string; spans: number }[] }>(
    '/api/v1/costs?group_by=service&to=2100-01-01T00:00:00Z&from=2099-12-01T00:00:00Z',
  );
  void body;
  const now = await service.api<{ rows: { group: string; spans: number }[] }>('/api/v1/costs?group_by=service');
  return now.body.rows.find((row) => row.group === name)?.spans ?? 0;
}

describe('OTLP over HTTP', () => {
  test('takes protobuf and answers with an empty response', async () => {
    const answer = await post(request('plain'), { 'content-type': PROTOBUF });
    expect(answer).toMatchObject({ status: 200, type: PROTOBUF });
    expect(answer.bytes).toHaveLength(0);
    expect(await spansOf('plain')).toBe(1);
  });

  test('takes JSON and answers in JSON', async () => {
    const body = jsonRequest([{ resource: { 'service.name': 'json' }, spans: [{}, {}] }]);
    expect(await post(body, { 'content-type': 'application/json; charset=utf-8' })).toMatchObject({
      status: 200,
      type: JSON_TYPE,
      text: '{}',
    });
    expect(await spansOf('json')).toBe(2);
  });

  test('takes gzip', async () => {
    expect(
      await post(gzipSync(request('gzip')), { 'content-type': PROTOBUF, 'content-encoding': 'gzip' }),
    ).toMatchObject({ status: 200 });
    expect(await spansOf('gzip')).toBe(1);
  });

  test('an empty request succeeds', async () => {
    expect(await post(new Uint8Array(0), { 'content-type': PROTOBUF })).toMatchObject({ status: 200 });
    expect(await post('{}', { 'content-type': JSON_TYPE })).toMatchObject({ status: 200, text: '{}' });
  });

  test('the same request counts once, also when it comes compressed another way', async () => {
    const body = request('twice', {}, {});
    await Promise.all([1, 2, 3].map(() => post(body, { 'content-type': PROTOBUF })));
    await post(gzipSync(body, { level: 1 }), { 'content-type': PROTOBUF, 'content-encoding': 'gzip' });
    await post(gzipSync(body, { level: 9 }), { 'content-type': PROTOBUF, 'content-encoding': 'gzip' });
    expect(await spansOf('twice')).toBe(2);
  });

  test('spans that are not valid are refused by themselves, with a message that names the place', async () => {
    const good = { name: 'good' };
    const deep = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 'x');
    const spans = [good, { attributes: { deep: deep as string } }, good];
    const answer = await post(request('partial', ...spans), { 'content-type': PROTOBUF });
    expect(answer.status).toBe(200);
    expect(decodeResponse(answer.bytes)).toEqual({
      partialSuccess: {
        rejectedSpans: 1,
        errorMessage: 'resource_spans[0].scope_spans[0].spans[1].attributes.value: nested too deep; at most 32 levels',
      },
    });
    const json = await post('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":1},{"name":"x"}]}]}]}', {
      'content-type': JSON_TYPE,
    });
    expect(JSON.parse(json.text)).toMatchObject({
      partialSuccess: {
        rejectedSpans: '1',
        errorMessage: expect.stringContaining('spans[0].name: not a string; a string'),
      },
    });
    expect(await spansOf('partial')).toBe(2);
  });

  test('spans with times that cannot be true are counted, and the sender is told', async () => {
    const answer = await post(request('times', { start: 1 }, { start: 4_000_000_000_000 }), {
      'content-type': PROTOBUF,
    });
    expect(decodeResponse(answer.bytes).partialSuccess).toEqual({
      errorMessage:
        'spans: 2 with a time that cannot be true, counted at the time of receipt; an end time of the last 31 days',
    });
    expect(await spansOf('times')).toBe(2);
  });

  test('100,000 attributes refuse their span and no other', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));
    const answer = await post(request('many', {}, { attributes }), { 'content-type': PROTOBUF });
    expect(decodeResponse(answer.bytes).partialSuccess).toMatchObject({ rejectedSpans: 1 });
    expect(await spansOf('many')).toBe(1);
  });

  test.each([
    ['truncated protobuf', () => request('x').slice(0, -3), { 'content-type': PROTOBUF }, 400, 3],
    ['protobuf that is none', () => new Uint8Array([255, 255, 255]), { 'content-type': PROTOBUF }, 400, 3],
    [
      'bad gzip',
      () => new Uint8Array([31, 139, 1, 2, 3]),
      { 'content-type': PROTOBUF, 'content-encoding': 'gzip' },
      400,
      3,
    ],
    [
      'a zip bomb',
      () => gzipSync(Buffer.alloc(64 * MIB)),
      { 'content-type': PROTOBUF, 'content-encoding': 'gzip' },
      413,
      8,
    ],
    ['a body over the limit', () => new Uint8Array(5 * MIB), { 'content-type': PROTOBUF }, 413, 8],
    ['another encoding', () => request('x'), { 'content-type': PROTOBUF, 'content-encoding': 'br' }, 415, 3],
  ])('%s is an error in the form of the request', async (_, body, headers, status, code) => {
    const answer = await post(body(), headers);
    expect(answer).toMatchObject({ status, type: PROTOBUF });
    expect(decodeStatus(answer.bytes)).toMatchObject({
      code,
      message: expect.stringMatching(/^[a-z_[\]0-9.#-]+: .+; .+/),
    });
  });

  test.each([
    ['bad JSON', '{"resourceSpans":[', { 'content-type': JSON_TYPE }, 400],
    ['JSON nested without end', '{"a":'.repeat(5000), { 'content-type': JSON_TYPE }, 400],
    ['invalid UTF-8', Buffer.from('{"a":"\xff"}', 'latin1'), { 'content-type': JSON_TYPE }, 400],
    ['another type', 'x', { 'content-type': 'text/plain' }, 415],
    ['no type', 'x', { 'content-type': '' }, 415],
  ])('%s is an error in JSON', async (_, body, headers, status) => {
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ status, type: JSON_TYPE });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 3, message: expect.any(String) });
  });

  test('other methods and paths are told what is allowed', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await post('{}', { 'content-type': JSON_TYPE }, '/v1/traces', method);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
    expect((await post('{}', { 'content-type': JSON_TYPE }, '/v1/metrics')).status).toBe(404);
  });

  test('a body of unknown length is bounded as well', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const sent = httpRequest(
        `${service.endpoints.otlpHttp}/v1/traces`,
        { method: 'POST', headers: { 'content-type': PROTOBUF } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode!);
        },
      );
      sent.on('error', reject);
      for (let i = 0; i < 6; i++) sent.write(Buffer.alloc(MIB));
      sent.end();
    });
    expect(status).toBe(413);
  });

  test('a sender that goes away in the middle leaves nothing behind', async () => {
    await new Promise<void>((resolve) => {
      const sent = httpRequest(`${service.endpoints.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': PROTOBUF, 'content-length': '1000' },
      });
      sent.on('error', () => resolve());
      sent.write(Buffer.alloc(10));
      setTimeout(() => sent.destroy(), 50);
    });
    // The service learns of it a moment later.
    await eventually(
      () => service.api<string>('/metrics'),
      ({ text }) => /^spanwarden_ingest_pending_bytes 0$/m.test(text),
    );
  });

  test('a request passed on by a proxy needs a token', async () => {
    const forwarded = { 'content-type': PROTOBUF, 'x-forwarded-for': '203.0.113.7' };
    const refused = await post(request('proxy'), forwarded);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await post(request('proxy'), { ...forwarded, authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await post(request('proxy'), { ...forwarded, authorization: `Bearer ${service.adminToken}` })).status).toBe(
      200,
    );
  });
});

describe('overload', () => {
  test('more bytes than may be in work are answered with 429 and a time', async () => {
    const small = await startService({ env: { SPANWARDEN_MAX_PENDING_BYTES: '200000' } });
    try {
      const body = request('busy', ...Array.from({ length: 300 }, () => ({ attributes: { filler: 'x'.repeat(300) } })));
      const answers = await Promise.all(Array.from({ length: 30 }, () => small.send(body)));
      const refused = answers.filter((a) => a.status === 429);
      expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200, 429]));
      for (const answer of refused) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await small.send(body)).status).toBe(200);
    } finally {
      await small.stop();
    }
  });
});

describe('real exporters', () => {
  const EXPORTERS = [
    ['protobuf', () => new ProtoExporter({ url: `${service.endpoints.otlpHttp}/v1/traces` })],
    [
      'protobuf and gzip',
      () =>
        new ProtoExporter({ url: `${service.endpoints.otlpHttp}/v1/traces`, compression: CompressionAlgorithm.GZIP }),
    ],
    ['JSON', () => new JsonExporter({ url: `${service.endpoints.otlpHttp}/v1/traces` })],
    ['gRPC', () => new GrpcExporter({ url: `http://${service.endpoints.otlpGrpc}` })],
    [
      'gRPC and gzip',
      () => new GrpcExporter({ url: `http://${service.endpoints.otlpGrpc}`, compression: CompressionAlgorithm.GZIP }),
    ],
  ] as const;

  test.each(EXPORTERS)('%s', async (name, exporter) => {
    const provider = new tracing.BasicTracerProvider({
      resource: otelResources.resourceFromAttributes({ 'service.name': `sdk ${name}` }),
      spanProcessors: [new tracing.BatchSpanProcessor(exporter())],
    });
    const tracer = provider.getTracer('test');
    for (let i = 0; i < 50; i++) {
      const span = tracer.startSpan('send mail', {
        attributes: { 'mail.to': `user${i}@shop.test`, n: i, list: ['a', 'b'] },
      });
      span.recordException(new Error('mailbox is full'));
      span.end();
    }
    await provider.forceFlush();
    await provider.shutdown();
    expect(await spansOf(`sdk ${name}`)).toBe(50);
    const { body } = await service.api<{ data: { detector: { id: string }; key: string; occurrences: number }[] }>(
      `/api/v1/findings?service=${encodeURIComponent(`sdk ${name}`)}`,
    );
    expect(body.data).toMatchObject([{ detector: { id: 'email' }, key: 'mail.to', occurrences: 50 }]);
  });
});
