import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RollupMerge } from '../../src/engine/aggregate/merge.js';
import type { Rollup } from '../../src/engine/model/rollup.js';
import { BUCKETS, KNOWN_SPANS, UNKNOWN_BYTES, UNKNOWN_SPANS } from '../../src/engine/model/trace-sums.js';
import type { Occurrence } from '../../src/flow/analyse.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest, jsonRequest, type TestResource, type TestSpan } from '../support/otlp.js';

const NOW = Date.UTC(2026, 10, 23, 10, 30);
const HOUR = 3_600_000;
const RESOURCE = {
  'service.name': 'checkout',
  'deployment.environment.name': 'prod',
  'service.namespace': 'shop',
  team: 'payments',
};

function analyse(resources: readonly TestResource[]) {
  return makeAnalyser().analyse(encodeRequest(resources), 'otlp-protobuf', NOW);
}

const ofSpans = (...spans: TestSpan[]) =>
  analyse([{ resource: RESOURCE, spans: spans.map((s) => ({ start: NOW, ...s })) }]);

/** A rollup as plain data in a fixed order, with sketches as their bytes. */
function plain(rollup: Rollup): unknown {
  const data = JSON.parse(
    JSON.stringify(rollup, (_, value) => (value?.toBytes ? Buffer.from(value.toBytes()).toString('hex') : value)),
  ) as Record<string, object[]>;
  const text = (row: object): string => JSON.stringify(row);
  return Object.fromEntries(
    Object.entries(data).map(([name, rows]) => [name, rows.sort((a, b) => (text(a) < text(b) ? -1 : 1))]),
  );
}

describe('what a request leaves behind', () => {
  test('usage counts spans, errors and exact bytes, by service, environment and hour', () => {
    const spans: TestSpan[] = [
      { name: 'a', start: NOW },
      { name: 'b', start: NOW - HOUR, status: { code: 2 } },
    ];
    const request = encodeRequest([{ resource: RESOURCE, scope: { name: 'lib' }, spans }]);
    const { rollup } = makeAnalyser().analyse(request, 'otlp-protobuf', NOW);
    const [now, before] = [...rollup.usage].sort((a, b) => b.hour - a.hour);
    expect(now).toMatchObject({
      service: 'checkout',
      environment: 'prod',
      hour: Math.floor(NOW / HOUR),
      spans: 1,
      errorSpans: 0,
    });
    expect(before).toMatchObject({ hour: Math.floor(NOW / HOUR) - 1, spans: 1, errorSpans: 1 });
    // Only the framing of ResourceSpans and ScopeSpans, four bytes of tags and lengths or a few more, is not counted.
    const counted = rollup.usage.reduce((sum, row) => sum + row.spanBytes + row.sharedBytes, 0);
    expect(request.length - counted).toBeGreaterThanOrEqual(4);
    expect(request.length - counted).toBeLessThanOrEqual(6);
  });

  test('attributes count observations, bytes, types and distinct values where they stand', () => {
    const { rollup } = ofSpans(
      { attributes: { 'order.id': 'a', n: 1 }, events: [{ name: 'e', attributes: { 'order.id': 'c' } }] },
      { attributes: { 'order.id': 'b', n: 'one' } },
      { attributes: { 'order.id': 'a' } },
    );
    const row = (location: string, key: string) =>
      rollup.attributes.find((r) => r.location === location && r.key === key)!;
    expect(row('span', 'order.id')).toMatchObject({ observations: 3, bytes: 3 * (8 + 1 + 8), types: 1 << 1 });
    expect(row('span', 'order.id').values.estimate().distinct).toBe(2);
    expect(row('event', 'order.id').values.estimate().distinct).toBe(1);
    expect(row('span', 'n').types).toBe((1 << 1) | (1 << 3));
    expect(row('resource', 'service.name').observations).toBe(1);
  });

  test('span names keep the forms of what varies, and their number for each kind of span', () => {
    const { rollup } = ofSpans(
      { name: 'GET /users/1', kind: 2 },
      { name: 'GET /users/1', kind: 3 },
      { name: 'GET /users/22', kind: 3 },
    );
    const byKind = (kind: number) => rollup.spanNames.find((row) => row.spanKind === kind)!;
    expect(byKind(2)).toMatchObject({ template: 'GET /users/{id}', spans: 1, shapes: ['9'] });
    expect(byKind(3)).toMatchObject({ template: 'GET /users/{id}', spans: 2, shapes: ['9', '99'] });
    expect([byKind(2), byKind(3)].map((row) => row.names.estimate().distinct)).toEqual([1, 2]);
  });

  test('each rule that a span name violates is a finding, a missing name too', () => {
    const sql = "SELECT * FROM users WHERE name = 'bob' AND id = 42";
    const { rollup } = ofSpans({ name: '' }, { name: sql }, { name: 'GET /a?user=bob' }, { name: '8842' });
    const found = rollup.findings.map(({ detector, key }) => [detector, key]).sort();
    expect(found).toEqual([
      ['span_name_empty', ''],
      ['span_name_only_id', '{id}'],
      ['span_name_query', 'GET /a?{query}'],
      ['span_name_sql', "SELECT * FROM users WHERE name = '{value}' AND id = {id}"],
    ]);
    expect(JSON.stringify(rollup)).not.toContain('bob');
  });

  test('span names are counted by template, and a name with an id is a finding', () => {
    const { rollup } = ofSpans({ name: 'GET /users/1' }, { name: 'GET /users/2' }, { name: 'GET /users/{id}' });
    expect(rollup.spanNames).toHaveLength(1);
    expect(rollup.spanNames[0]).toMatchObject({ template: 'GET /users/{id}', spans: 3 });
    expect(rollup.spanNames[0]!.names.estimate().distinct).toBe(3);
    expect(rollup.findings).toMatchObject([
      { detector: 'span_name_not_general', key: 'GET /users/{id}', occurrences: 2 },
    ]);
  });

  test('a service says who it is, in the words of its resource', () => {
    expect(ofSpans({}).rollup.services).toEqual([
      {
        service: 'checkout',
        environment: 'prod',
        namespace: 'shop',
        teamHint: 'payments',
        teamLabel: '',
        kubernetesNamespace: '',
      },
    ]);
    const { rollup } = analyse([{ spans: [{ start: NOW }] }]);
    expect(rollup.services[0]).toMatchObject({ service: 'unknown_service', environment: '', teamHint: '' });
  });

  test('findings are found in every place a text can stand', () => {
    const { rollup } = analyse([
      {
        resource: { ...RESOURCE, 'host.contact': 'r@shop.test' },
        scope: { name: 'scope@shop.test', attributes: { owner: 's@shop.test' } },
        spans: [
          {
            start: NOW,
            name: 'mail name@shop.test',
            traceState: 'vendor=ts@shop.test',
            attributes: {
              plain: 'a@shop.test',
              list: ['x', 'b@shop.test'],
              map: { inner: 'c@shop.test', 'key@shop.test': 1 },
              raw: new TextEncoder().encode('d@shop.test'),
              'user.e@shop.test': 'x',
              card: 4539578763621486,
              amount: 1234.5,
            },
            events: [{ name: 'sent to f@shop.test', attributes: { 'exception.message': 'no g@shop.test' } }],
            links: [{ traceState: 'v=h@shop.test', attributes: { note: 'i@shop.test' } }],
            status: { code: 2, message: 'no user j@shop.test' },
          },
        ],
      },
    ]);
    const places = rollup.findings
      .filter((f) => f.kind === 'pii')
      .map((f) => `${f.detector} ${f.location} ${f.key} ${f.component}`.trim());
    expect(places.sort()).toEqual([
      'email event event.name',
      'email event exception.message',
      'email link note',
      'email link tracestate',
      'email resource host.contact',
      'email scope otel.scope.name',
      'email scope owner',
      'email span list',
      'email span map inner',
      'email span map {email}',
      'email span plain',
      'email span raw',
      'email span tracestate',
      'email span {email} {key}',
      'email span_name mail {email}',
      'email status otel.status_description',
      'payment-card span card',
    ]);
  });

  test('a finding counts every occurrence, and keeps time, example and fingerprints', () => {
    const traceId = 'c'.repeat(32);
    const { rollup } = ofSpans(
      { start: NOW - 2000, attributes: { mail: 'a@shop.test' } },
      { start: NOW - 1000, traceId, spanId: 'd'.repeat(16), attributes: { mail: 'b@shop.test' } },
      { start: NOW - 3000, attributes: { mail: 'a@shop.test b@shop.test' } },
    );
    expect(rollup.findings).toHaveLength(1);
    const [finding] = rollup.findings;
    expect(finding).toMatchObject({
      occurrences: 4,
      firstSeen: NOW - 2995,
      lastSeen: NOW - 995,
      traceId,
      spanId: 'd'.repeat(16),
      mask: '*@****.****',
    });
    expect(finding!.fingerprints).toHaveLength(2);
  });

  test('times that cannot be true count at the time of receipt, and the sender hears of it', () => {
    const { rollup, warnings, day } = ofSpans({ start: NOW }, { start: 0 }, { start: NOW + 1e12 });
    expect(rollup.usage).toHaveLength(1);
    expect(rollup.usage[0]!.spans).toBe(3);
    expect(warnings[0]!.what).toBe('2 with a time that cannot be true, counted at the time of receipt');
    expect(day).toBe('1970-01-01');
  });

  test('text that is not UTF-8 is counted, and its keys are readable', () => {
    const request = Buffer.from(
      encodeRequest([{ resource: RESOURCE, spans: [{ start: NOW, attributes: { 'bad-key': 'bad-val' } }] }]),
    );
    request[request.indexOf('bad-key') + 3] = 0xff;
    request[request.indexOf('bad-val') + 3] = 0xff;
    const { accepted, warnings, rollup } = makeAnalyser().analyse(request, 'otlp-protobuf', NOW);
    expect(accepted).toBe(1);
    expect(warnings.map((w) => w.what)).toEqual(['1 not in UTF-8']);
    expect(rollup.attributes.map((r) => r.key)).toContain('bad\uFFFDkey');
  });

  test('a flood of keys is counted in one row that says so', () => {
    const spans = Array.from({ length: 20 }, (_, s) => ({
      start: NOW,
      attributes: Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`key-${s}-${i}`, 'v'])),
    }));
    const analyser = makeAnalyser();
    const { rollup, accepted } = analyser.analyse(encodeRequest([{ resource: RESOURCE, spans }]), 'otlp-protobuf', NOW);
    expect(accepted).toBe(20);
    expect(rollup.attributes.length).toBeLessThanOrEqual(50_001);
    expect(rollup.attributes.find((r) => r.key === '{overflow}')!.observations).toBeGreaterThan(10_000);
    expect(rollup.attributes.reduce((sum, r) => sum + (r.location === 'span' ? r.observations : 0), 0)).toBe(80_000);
    // The next request begins with tables that have room again.
    const next = analyser.analyse(
      encodeRequest([{ resource: RESOURCE, spans: [{ start: NOW, attributes: { fresh: 'v' } }] }]),
      'otlp-protobuf',
      NOW,
    );
    expect(next.rollup.attributes.map((r) => r.key)).toContain('fresh');
  });

  test('a service whose keys are without end takes no room from the others, and is a finding', () => {
    const analyser = makeAnalyser();
    const attack = (request: number): TestResource => ({
      resource: { 'service.name': 'attacker' },
      spans: Array.from({ length: 20 }, (_, s) => ({
        start: NOW,
        attributes: Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`k-${request}-${s}-${i}`, 'v'])),
      })),
    });
    const others = (request: number): TestResource[] =>
      Array.from({ length: 5 }, (_, n) => ({
        resource: { 'service.name': `service-${n}`, [`resource.key.${n}.${request}`]: 'r' },
        spans: [{ start: NOW, attributes: { [`key.${n}.${request}`]: 'v' } }],
      }));
    let kept = 0;
    for (let request = 0; request < 3; request++) {
      const body = encodeRequest([attack(request), ...others(request)]);
      const { rollup, accepted } = analyser.analyse(body, 'otlp-protobuf', NOW);
      expect(accepted).toBe(25);
      const overflow = rollup.attributes.filter((r) => r.key === '{overflow}');
      expect(overflow.map((r) => r.service)).toEqual(['attacker']);
      const keys = rollup.attributes.filter((r) => r.service === 'attacker' && r.location === 'span');
      kept += keys.length - 1;
      expect(keys.reduce((sum, r) => sum + r.observations, 0)).toBe(80_000);
      expect(rollup.findings.filter((f) => f.kind === 'cardinality')).toMatchObject([
        { detector: 'key_space', service: 'attacker', location: 'span', occurrences: overflow[0]!.observations },
      ]);
      for (let n = 0; n < 5; n++) {
        const own = rollup.attributes.filter((r) => r.service === `service-${n}`).map((r) => r.key);
        expect(own).toEqual(expect.arrayContaining([`key.${n}.${request}`, `resource.key.${n}.${request}`]));
      }
    }
    expect(kept).toBeLessThanOrEqual(4_096 + 3 * 16);
  });

  test('keys that are very long or hold control and direction characters are shown cut and without them, once', () => {
    const spans = [
      { start: NOW, attributes: { ['x'.repeat(10_240)]: 1 } },
      { start: NOW, attributes: { 'a\u0000b\n\u202ec': 1 } },
      { start: NOW, attributes: { 'a\u0000b\n\u202ec': 2 } },
    ];
    const { rollup } = ofSpans(...spans);
    const keys = rollup.attributes.filter((r) => r.location === 'span').map((r) => r.key);
    expect(keys).toEqual([`${'x'.repeat(254)}…`, 'a\uFFFDb\uFFFD\uFFFDc']);
    expect(rollup.findings.map((f) => [f.detector, f.key, f.occurrences])).toEqual([
      ['invalid_format', keys[0], 1],
      ['invalid_format', keys[1], 2],
    ]);
  });

  test('forms of values say nothing of the values, and none is kept of what is sensitive', () => {
    const digits = (i: number): string => String(1000 + i);
    const spans = Array.from({ length: 200 }, (_, i) => ({
      attributes: {
        order: i % 2 === 0 ? `${digits(i)}-ab` : 'none',
        n: i % 2 === 0 ? 1000 + i : -1 - (i % 9),
        password: `hunter${digits(i)}`,
        mail: `jo${digits(i)}@shop.test`,
        list: [digits(i)],
      },
    }));
    const { rollup } = ofSpans(...spans);
    const shapes = (key: string) => rollup.attributes.find((r) => r.location === 'span' && r.key === key)!.shapes;
    expect(shapes('order')).toContain('9{4}-a{2}');
    expect(shapes('n')).toContain('9{4}');
    for (const key of ['password', 'mail', 'list']) expect(shapes(key)).toEqual([]);
    const many = ofSpans(
      ...Array.from({ length: 400 }, (_, i) => ({
        attributes: { v: `${'x'.repeat(1 + (i % 50))}-${'y'.repeat(i % 49)}` },
      })),
    ).rollup.attributes.find((r) => r.key === 'v')!;
    expect(many.shapes).toHaveLength(8);
  });

  test('occurrences name the place, the characters and the mask, never the value', () => {
    const seen: Occurrence[] = [];
    const analyser = makeAnalyser({ onOccurrence: (o) => seen.push(o) });
    const span = { start: NOW, attributes: { note: 'call a@shop.test now' } };
    analyser.analyse(encodeRequest([{ resource: RESOURCE, spans: [span] }]), 'otlp-protobuf', NOW);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ location: 'span', key: 'note', match: { start: 5, end: 16, mask: '*@****.****' } });
    expect(JSON.stringify(seen)).not.toContain('a@shop.test');
  });
});

const leaks = fc.constantFrom(
  'a@shop.test',
  'id-1',
  'Bearer abcdefghij0123456789',
  '4539578763621486',
  'SELECT 1',
  'x'.repeat(50),
);
const spans = fc.array(
  fc.record({
    name: fc.constantFrom('GET /a', 'GET /users/7', 'mail b@shop.test'),
    start: fc.constantFrom(NOW, NOW - HOUR, NOW - 2 * HOUR),
    attributes: fc.dictionary(fc.constantFrom('k1', 'k2', 'http.method', 'user.c@shop.test'), leaks, { maxKeys: 4 }),
    traceId: fc.constantFrom('1'.repeat(32), '2'.repeat(32)),
    spanId: fc.constant('3'.repeat(16)),
  }),
  { minLength: 1, maxLength: 12 },
);
const request = fc.array(fc.record({ service: fc.constantFrom('a', 'b'), spans }), { minLength: 1, maxLength: 4 });
type Request = { service: string; spans: TestSpan[] }[];

const resources = (r: Request): TestResource[] =>
  r.map(({ service, spans: s }) => ({ resource: { 'service.name': service }, spans: s }));
const rollupOf = (r: Request): Rollup =>
  makeAnalyser().analyse(encodeRequest(resources(r)), 'otlp-protobuf', NOW).rollup;
const merged = (...rollups: Rollup[]): unknown => {
  const merge = new RollupMerge();
  for (const rollup of rollups) merge.add(rollup);
  return plain(merge.result());
};

describe('rollups', () => {
  test('add up to the same, in any order and grouping', () => {
    fc.assert(
      fc.property(request, request, request, (a, b, c) => {
        const [x, y, z] = [rollupOf(a), rollupOf(b), rollupOf(c)];
        const inner = new RollupMerge();
        inner.add(z);
        inner.add(x);
        expect(merged(y, inner.result())).toEqual(merged(x, y, z));
      }),
      { numRuns: 60 },
    );
  });

  test('a span with a sampling threshold stands for more than one, whatever the others say', () => {
    const traceId = 'f'.repeat(32);
    const spans = [
      { traceId, traceState: 'ot=th:c' },
      { traceId, traceState: 'ot=th:c' },
      { traceId, traceState: 'x=y' },
    ];
    const [row] = makeAnalyser().analyse(encodeRequest([{ spans }]), 'otlp-protobuf', NOW).rollup.usage;
    expect(row).toMatchObject({ spans: 3, weighedSpans: 2, estimatedSpans: 8 });
    expect(row!.estimatedBytes).toBe(4 * row!.weighedBytes);
    const squares = (from: number): number => row!.traceSums.slice(from, from + BUCKETS).reduce((a, z) => a + z * z, 0);
    // Two spans of one trace: w(w − 1) · 2², not twice w(w − 1).
    expect(squares(KNOWN_SPANS)).toBeCloseTo(4 * 3 * 4, 9);
    expect(squares(UNKNOWN_SPANS)).toBe(1);
  });

  test('findings do not depend on how requests are split or on what was seen before', () => {
    fc.assert(
      fc.property(request, (whole) => {
        const single = whole.flatMap(({ service, spans: s }) => s.map((span) => [{ service, spans: [span] }]));
        const warm = makeAnalyser();
        const parts = single.map((part) => warm.analyse(encodeRequest(resources(part)), 'otlp-protobuf', NOW).rollup);
        const findings = (rollup: unknown): unknown => (rollup as { findings: unknown }).findings;
        const usage = (rollup: unknown): object[] =>
          (rollup as Rollup).usage.map(({ sharedBytes: _, traceSums, ...row }) => {
            return { ...row, spanSums: Object.values(traceSums).slice(UNKNOWN_SPANS, UNKNOWN_BYTES) };
          });
        const counted = (r: unknown): object[] =>
          (findings(r) as { kind: string; firstSeen: number; lastSeen: number; traceId: string }[]).map(
            ({ kind, firstSeen, lastSeen, traceId, ...rest }) =>
              // A request tells the time of a naming violation by its first span only.
              kind === 'naming' ? { kind, ...rest } : { kind, firstSeen, lastSeen, traceId, ...rest },
          );
        expect(counted(merged(...parts))).toEqual(counted(merged(rollupOf(whole))));
        expect(usage(merged(...parts))).toEqual(usage(merged(rollupOf(whole))));
      }),
      { numRuns: 60 },
    );
  });

  test('many services in turns leave the same as each in a request of its own, on an analyser that knows them, too', () => {
    const services = Array.from({ length: 90 }, (_, i) => `service-${i}`);
    const idsOf = (turn: number) => ({ traceId: `${turn}`.repeat(32), spanId: `${turn}`.repeat(16) });
    const spansOf = (turn: number): TestSpan[] => [
      { ...idsOf(turn), start: NOW, attributes: { mail: `ana${turn}@mail.test`, turn } },
      { ...idsOf(turn), start: NOW - turn * HOUR, attributes: { mail: 'ben@mail.test' } },
    ];
    const resourceOf = (service: string, turn: number): TestResource => ({
      resource: { 'service.name': service, 'host.name': `host-of-${service}` },
      spans: spansOf(turn),
    });
    const turns = [1, 2, 3, 2, 1];
    const inTurns = encodeRequest(turns.flatMap((turn) => services.map((service) => resourceOf(service, turn))));
    const alone = services.map((service) => analyse(turns.map((turn) => resourceOf(service, turn))).rollup);
    const analyser = makeAnalyser();
    for (let times = 0; times < 2; times++) {
      const { rollup, facts } = analyser.analyse(inTurns, 'otlp-protobuf', NOW);
      expect(merged(rollup)).toEqual(merged(...alone));
      expect(facts.resources.slice(0, 90).map(({ service }) => service)).toEqual(services);
    }
  });

  test('JSON and protobuf leave the same behind', () => {
    fc.assert(
      fc.property(request, (r) => {
        const json = makeAnalyser().analyse(
          new TextEncoder().encode(jsonRequest(resources(r))),
          'otlp-json',
          NOW,
        ).rollup;
        expect(plain(json)).toEqual(plain(rollupOf(r)));
      }),
      { numRuns: 40 },
    );
  });

  test('a memo that is far too small changes nothing but the speed', () => {
    fc.assert(
      fc.property(request, (r) => {
        const small = makeAnalyser({ memoSlots: 4 }).analyse(encodeRequest(resources(r)), 'otlp-protobuf', NOW).rollup;
        expect(plain(small)).toEqual(plain(rollupOf(r)));
      }),
      { numRuns: 60 },
    );
  });

  test('no value that matched is anywhere in what is left', () => {
    fc.assert(
      fc.property(request, (r) => {
        const left = JSON.stringify(plain(rollupOf(r)));
        for (const secret of ['a@shop.test', 'b@shop.test', 'c@shop.test', 'abcdefghij', '4539578763621486']) {
          expect(left).not.toContain(secret);
          expect(left).not.toContain(Buffer.from(secret).toString('hex'));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('exclusions', () => {
  const spans = (times: number) =>
    encodeRequest([
      {
        resource: RESOURCE,
        spans: Array.from({ length: times }, () => ({
          start: NOW,
          attributes: { note: 'mail jo@shop.test', other: 'mail jo@shop.test', BadKey: 'x' },
        })),
      },
    ]);
  const found = (rollup: Rollup): string[] =>
    rollup.findings.map((f) => `${f.detector} ${f.key} ${f.occurrences}`).sort();
  const exclusion = { detector: null, service: null, key: null, fingerprint: null, expiresAt: null };

  test('stop a finding from the next request on, and expire by the time of receipt', () => {
    const analyser = makeAnalyser();
    const ask = (now: number) => found(analyser.analyse(spans(2), 'otlp-protobuf', now).rollup);
    const all = ask(NOW);
    expect(all).toEqual(expect.arrayContaining(['email note 2', 'email other 2']));
    analyser.exclude([{ ...exclusion, detector: 'email', key: 'note', expiresAt: NOW + HOUR }]);
    expect(ask(NOW)).toEqual(all.filter((finding) => finding !== 'email note 2'));
    expect(ask(NOW + HOUR)).toEqual(all);
  });

  test('of one value know it by its fingerprint; of a key they hold for what is wrong with its name, too', () => {
    const { rollup } = makeAnalyser().analyse(spans(1), 'otlp-protobuf', NOW);
    const [fingerprint] = rollup.findings.find((f) => f.detector === 'email')!.fingerprints;
    const without = (over: object) =>
      found(makeAnalyser({ exclusions: [{ ...exclusion, ...over }] }).analyse(spans(1), 'otlp-protobuf', NOW).rollup);
    expect(without({ fingerprint }).filter((f) => f.startsWith('email'))).toEqual([]);
    expect(without({ fingerprint: 'f'.repeat(32) })).toEqual(found(rollup));
    expect(found(rollup).some((f) => f.includes('BadKey'))).toBe(true);
    expect(without({ key: 'BadKey' }).some((f) => f.includes('BadKey'))).toBe(false);
  });
});
