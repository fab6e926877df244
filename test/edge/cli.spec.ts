import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { SCAN_FORMATS } from '../../src/edge/scan/formats/index.js';
import { encodeRequest, jsonRequest, type TestResource } from '../support/otlp.js';
import { spanwarden } from '../support/scan.js';
import { newHome } from '../support/service.js';

const MAIL = 'erika.mustermann@shop.test';
const LEAKY: TestResource[] = [
  {
    resource: { 'service.name': 'shop' },
    spans: [
      { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'send', attributes: { 'mail.to': `to ${MAIL}` } },
      { name: 'send', attributes: { 'http.route': '/orders' } },
    ],
  },
];
const CLEAN: TestResource[] = [{ resource: { 'service.name': 'shop' }, spans: [{ name: 'send', attributes: {} }] }];

const folder = mkdtempSync(join(tmpdir(), 'spanwarden-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function prefixed(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(message.length);
      return [length, message];
    }),
  );
}

const json = jsonRequest(LEAKY);
const FILES = {
  'OTLP JSON': file('leaky.json', json),
  'OTLP JSON over many lines': file('pretty.json', JSON.stringify(JSON.parse(json), null, 2)),
  'JSON lines': file('leaky.jsonl', `${json}\n${jsonRequest(CLEAN)}\n`),
  protobuf: file('leaky.pb', encodeRequest(LEAKY)),
  'protobuf messages behind their lengths': file('leaky.bin', prefixed(encodeRequest(CLEAN), encodeRequest(LEAKY))),
  'gzipped JSON': file('leaky.json.gz', gzipSync(json)),
  'gzipped protobuf': file('leaky.pb.gz', gzipSync(encodeRequest(LEAKY))),
};

describe('spanwarden scan', () => {
  test.each(Object.entries(FILES))('reads %s', (_, path) => {
    const { status, stdout } = spanwarden(['scan', '--format', 'jsonl', path]);
    expect(status).toBe(1);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      {
        ...{ detector: 'email', family: 'contact', kind: 'pii', service: 'shop', location: 'span', key: 'mail.to' },
        ...{ trace_id: 'ab'.repeat(16), span_id: 'cd'.repeat(8), start: 3, end: 3 + MAIL.length, file: path },
      },
    ]);
    expect(stdout).not.toContain('mustermann');
  });

  test('reads standard input', () => {
    expect(spanwarden(['scan', '-'], encodeRequest(LEAKY)).status).toBe(1);
    expect(spanwarden(['scan', '-'], jsonRequest(CLEAN)).status).toBe(0);
  });

  test.each(Object.keys(SCAN_FORMATS))('writes %s without a value that was found', (format) => {
    const { status, stdout, stderr } = spanwarden(['scan', '--format', format, ...Object.values(FILES)]);
    expect(status).toBe(1);
    expect(stdout).toContain('mail.to');
    expect(stdout + stderr).not.toContain('mustermann');
  });

  test('the table says what was looked at', () => {
    const { stdout } = spanwarden(['scan', FILES.protobuf]);
    expect(stdout).toMatch(/^SEVERITY {2,}WHAT/);
    expect(stdout).toMatch(/\n1 finding · 2 spans in 1 file, \d+ detectors\n$/);
  });

  test('finds nothing where there is nothing', () => {
    const clean = file('clean.json', jsonRequest(CLEAN));
    expect(spanwarden(['scan', clean])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^0 findings/) });
    expect(spanwarden(['scan', '--format', 'jsonl', clean])).toMatchObject({ status: 0, stdout: '' });
  });

  test('what could not be read is never clean, whatever else was found', () => {
    const broken: Readonly<Record<string, string>> = {
      'cut.pb': file('cut.pb', encodeRequest(LEAKY).subarray(0, 60)),
      'cut.json': file('cut.json', json.slice(0, -20)),
      'cut.bin': file('cut.bin', prefixed(encodeRequest(LEAKY)).subarray(0, -7)),
      'rest.bin': file('rest.bin', Buffer.concat([prefixed(encodeRequest(CLEAN)), Buffer.from([0, 0])])),
      'cut.gz': file('cut.gz', gzipSync(json).subarray(0, -12)),
      'empty.json': file('empty.json', ''),
      'none.json': join(folder, 'none.json'),
    };
    for (const [name, path] of Object.entries(broken)) {
      const { status, stderr } = spanwarden(['scan', path]);
      expect([name, status]).toEqual([name, 5]);
      expect(stderr).toContain(path);
      expect(stderr).not.toContain('mustermann');
    }
    expect(spanwarden(['scan', FILES.protobuf, broken['none.json']!]).status).toBe(5);
  });

  test('a wrong command line says what is allowed', () => {
    for (const args of [['scan'], ['scan', '--format', 'xml', 'a'], ['scan', '--nothing', 'a'], ['nothing']]) {
      const { status, stderr } = spanwarden(args);
      expect([args, status]).toEqual([args, 2]);
      expect(stderr).toMatch(/--help/);
    }
    expect(spanwarden(['scan', '--format', 'xml', 'a']).stderr).toContain('table, json, jsonl');
  });

  test('help tells the exit codes', () => {
    const { status, stdout } = spanwarden(['scan', '--help']);
    expect(status).toBe(0);
    for (const code of ['0', '1', '2', '5', '128']) expect(stdout).toMatch(new RegExp(`^ {2}${code} +\\w`, 'm'));
  });
});

describe('spanwarden doctor', () => {
  test('says what is there and what is not', () => {
    const home = newHome();
    const free = {
      SPANWARDEN_HOME: home,
      SPANWARDEN_HTTP_PORT: '0',
      SPANWARDEN_OTLP_HTTP_PORT: '0',
      SPANWARDEN_OTLP_GRPC_PORT: '0',
      SPANWARDEN_OPAMP_PORT: '0',
    };
    try {
      const good = spanwarden(['doctor'], '', free);
      expect(good).toMatchObject({ status: 0, stdout: expect.stringContaining('embedded PostgreSQL') });
      const bad = spanwarden(['doctor'], '', { ...free, DATABASE_URL: 'postgres://nobody:pass-w0rd@127.0.0.1:1/none' });
      expect(bad.status).toBe(1);
      expect(bad.stdout).toMatch(/✗ database +cannot be reached/);
      expect(bad.stdout).not.toContain('pass-w0rd');
      const wrong = spanwarden(['doctor'], '', { ...free, SPANWARDEN_HTTP_PORT: 'http' });
      expect(wrong.status).toBe(1);
      expect(wrong.stdout).toContain('SPANWARDEN_HTTP_PORT');
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
