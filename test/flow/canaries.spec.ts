import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Keyring } from '../../src/edge/auth/keyring.js';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { simulationTools } from '../../src/edge/policy/simulation-tools.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { encodeTraceDocument } from '../../src/engine/decode/trace-document.js';
import type { Location } from '../../src/engine/model/location.js';
import { CANARY_ID } from '../../src/engine/model/own-keys.js';
import type { PolicyAction, PolicyVersion } from '../../src/engine/model/policy.js';
import type { TraceRequest, TraceSpan } from '../../src/engine/model/trace-request.js';
import { Simulator } from '../../src/engine/policy/simulate.js';
import { planCanaries } from '../../src/flow/canaries.js';
import { makeAnalyser } from '../support/analyser.js';

const NOW = Date.now();
const DAY = 24 * 3_600_000;
const watch = new Keyring(Buffer.alloc(32, 7)).canaries('default');
const { rules } = loadRules(RULES_DIR, patternCompiler().compiler);
const tools = simulationTools();
const material = {
  examples: (id: string) => rules.detectors.find((detector) => detector.id === id)?.examples.map((e) => e.value) ?? [],
  unique: () => `canary${randomBytes(8).toString('hex')}`,
  tools,
};
const run = { id: randomUUID(), now: NOW, randomHex: (n: number) => randomBytes(n).toString('hex') };

function policy(location: Location, key: string, action: PolicyAction, services = ['shop', 'web']): PolicyVersion {
  const body = { cause: key, title: key, reason: '', location, key, services, action, findings: [] };
  return { id: randomUUID(), version: 1, state: 'approved', policy: body };
}

const mask = (...ids: string[]): PolicyAction => ({
  kind: 'mask',
  patterns: ids.map((id) => ({ detector: id, pattern: rules.detectors.find((d) => d.id === id)!.pattern })),
});

const analyse = (request: TraceRequest, now = NOW) =>
  makeAnalyser({ canaries: watch }).analyse(encodeTraceDocument(request), 'otlp-protobuf', now);
const spanOf = (request: TraceRequest): TraceSpan => request.resourceSpans![0]!.scopeSpans![0]!.spans![0]!;
const plan = (version: PolicyVersion) => planCanaries([version], run, material, watch);

const KINDS: [string, PolicyVersion, number][] = [
  ['mask by a pattern', policy('span', 'user.note', mask('email')), 2],
  ['mask by patterns, more than there are services', policy('span', 'q', mask('email', 'payment-card', 'us-ssn')), 3],
  ['mask in a span name', policy('span_name', 'span.name', mask('email')), 2],
  ['mask in a status message', policy('status', 'otel.status_description', mask('email')), 2],
  ['mask in an event', policy('event', 'exception.message', mask('email')), 2],
  ['mask the name of an event', policy('event', 'event.name', mask('email')), 2],
  ['mask in the tracestate', policy('span', 'tracestate', mask('email')), 2],
  ['mask in a resource', policy('resource', 'user.mail', mask('email')), 2],
  ['mask in a scope', policy('scope', 'owner', mask('email')), 2],
  ['mask whole values', policy('span', 'password', { kind: 'mask-value' }), 2],
  ['mask a field whole', policy('status', 'otel.status_description', { kind: 'mask-value' }), 2],
  ['delete', policy('span', 'user.id', { kind: 'delete' }), 2],
  ['hash', policy('span', 'user.id', { kind: 'hash' }, ['shop']), 1],
  ['truncate', policy('span', 'db.query.text', { kind: 'truncate', length: 128 }), 2],
  ['rename', policy('span', 'http.method', { kind: 'rename', to: 'http.request.method' }), 2],
  [
    'template',
    policy('span_name', 'span.name', {
      kind: 'template',
      template: 'GET /users/{id}/orders',
      except: ['GET /users/me/orders'],
    }),
    2,
  ],
  [
    'template under a name',
    policy('span_name', 'span.name', { kind: 'template', template: 'job {name}', name: 'job' }),
    2,
  ],
];

describe('canaries', () => {
  test.each(KINDS)('prove a policy that is to %s', (_, version, count) => {
    const { canaries, unprovable } = plan(version);
    expect(unprovable).toEqual([]);
    expect(canaries).toHaveLength(count);
    expect(new Set(canaries.map(({ service }) => service))).toEqual(new Set(version.policy.services));
    const simulator = Simulator.of([version], tools) as Simulator;
    for (const { request, item, service } of canaries) {
      const seen = { run: run.id, item, service, revision: '' };
      expect(analyse(request).evidence.canaries).toEqual([{ ...seen, isLeaking: true }]);
      expect(analyse(simulator.run(request)).evidence.canaries).toEqual([{ ...seen, isLeaking: false }]);
    }
  });

  test('count as nothing else, wherever they stand', () => {
    const { canaries } = plan(policy('span', 'user.note', mask('email')));
    const [{ request }] = canaries as [(typeof canaries)[0]];
    const alone = analyse(request);
    expect(alone).toMatchObject({ accepted: 1, rejected: 0, refused: null });
    expect(alone.rollup).toEqual({ usage: [], attributes: [], spanNames: [], services: [], findings: [] });
    expect(alone.facts).toMatchObject({ spans: 0, resources: [] });
    expect(alone.evidence).toMatchObject({ spans: [], matches: [] });
    const real = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: 'pay', endTimeUnixNano: `${NOW}000000` };
    const mixed = structuredClone(request);
    mixed.resourceSpans![0]!.scopeSpans![0]!.spans!.push(real);
    const without = structuredClone(mixed);
    without.resourceSpans![0]!.scopeSpans![0]!.spans!.shift();
    expect(analyse(mixed).rollup).toEqual(analyse(without).rollup);
    expect(analyse(mixed).facts.spans).toBe(1);
  });

  test('are spans like any other when the id is not ours, of another span, or too old', () => {
    const { canaries } = plan(policy('span', 'user.note', mask('email')));
    const counted = (change: (span: TraceSpan) => void, now = NOW) => {
      const request = structuredClone(canaries[0]!.request);
      change(spanOf(request));
      const { evidence, rollup } = analyse(request, now);
      return [
        evidence.canaries.length,
        rollup.usage.length,
        rollup.findings.filter(({ kind }) => kind === 'pii').length,
      ];
    };
    const idOf = (span: TraceSpan) => span.attributes!.find(({ key }) => key === CANARY_ID)!.value!;
    const edit = (by: (id: string) => string) => (span: TraceSpan) => {
      idOf(span).stringValue = by(idOf(span).stringValue!);
    };
    expect(counted(() => {})).toEqual([1, 0, 0]);
    const ordinary = [0, 1, 1];
    expect(counted((span) => Object.assign(span, { traceId: '1'.repeat(32) }))).toEqual(ordinary);
    expect(counted((span) => Object.assign(span, { spanId: '1'.repeat(16) }))).toEqual(ordinary);
    expect(counted((span) => Object.assign(span, { traceId: '' }))).toEqual(ordinary);
    for (const at of [0, 30, 60, 90]) {
      expect(counted(edit((id) => `${id.slice(0, at)}${id[at] === '0' ? '1' : '0'}${id.slice(at + 1)}`))).toEqual(
        ordinary,
      );
    }
    expect(counted(edit((id) => id.toUpperCase()))).toEqual(ordinary);
    expect(counted(edit(() => ''))).toEqual(ordinary);
    expect(counted(edit(() => 'zz'))).toEqual(ordinary);
    expect(counted(edit((id) => id.slice(0, 32)))).toEqual(ordinary);
    expect(counted((span) => Object.assign(idOf(span), { stringValue: undefined, intValue: '5' }))).toEqual(ordinary);
    expect(counted(() => {}, NOW + 2 * DAY)).toEqual(ordinary);
    expect(
      makeAnalyser().analyse(encodeTraceDocument(canaries[0]!.request), 'otlp-protobuf', NOW).rollup.usage,
    ).toHaveLength(1);
  });

  test('of another installation or tenant are spans like any other', () => {
    const { canaries } = plan(policy('span', 'user.note', mask('email')));
    for (const other of [
      new Keyring(Buffer.alloc(32, 8)).canaries('default'),
      new Keyring(Buffer.alloc(32, 7)).canaries('b'),
    ]) {
      const body = encodeTraceDocument(canaries[0]!.request);
      const { evidence, rollup } = makeAnalyser({ canaries: other }).analyse(body, 'otlp-protobuf', NOW);
      expect([evidence.canaries.length, rollup.usage.length]).toEqual([0, 1]);
    }
  });

  test('what is planted is not in the id', () => {
    for (const [, version] of KINDS) {
      for (const { request } of plan(version).canaries) {
        const id = spanOf(request).attributes!.find(({ key }) => key === CANARY_ID)!.value!.stringValue!;
        expect(id).toMatch(/^[0-9a-f]{80,400}$/);
        const bytes = Buffer.from(id, 'hex');
        const texts = JSON.stringify(request)
          .match(/[^"\\]{8,}/g)!
          .filter((text) => !text.includes(id));
        expect(texts.length).toBeGreaterThan(3);
        for (const text of texts) expect(bytes.includes(text.slice(0, 8))).toBe(false);
      }
    }
  });

  test.each<[string, PolicyVersion, string]>([
    ['of links', policy('link', 'user.note', mask('email')), 'links'],
    [
      'with a pattern that none of the examples has',
      policy('span', 'a', { kind: 'mask', patterns: [{ detector: 'email', pattern: 'zzzzz-9{7}' }] }),
      'made-up',
    ],
    [
      'of a detector that is gone',
      policy('span', 'a', { kind: 'mask', patterns: [{ detector: 'none', pattern: 'a' }] }),
      'made-up',
    ],
    [
      'with a pattern that is none',
      policy('span', 'a', { kind: 'mask', patterns: [{ detector: 'email', pattern: '(' }] }),
      'compile',
    ],
    [
      'of sampling',
      policy('span', '', {
        kind: 'sample',
        stage: 'head',
        services: [],
      } as unknown as PolicyAction),
      'whole traces',
    ],
  ])('do not prove policies %s, and say so', (_, version, reason) => {
    const { canaries, unprovable } = plan(version);
    expect(canaries).toEqual([]);
    expect(unprovable.map((row) => row.reason)).toEqual([expect.stringContaining(reason)]);
  });

  test('are as many as a run can have', () => {
    const services = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const many = Array.from({ length: 30 }, () => policy('span', 'a', { kind: 'delete' }, services));
    const { canaries, unprovable } = planCanaries(many, run, material, watch);
    expect(canaries).toHaveLength(500);
    expect(new Set(canaries.map(({ item }) => item)).size).toBe(500);
    expect(unprovable).toHaveLength(5);
  });
});
