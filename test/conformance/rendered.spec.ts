import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../../src/edge/serve/policy-sets.js';
import { POLICY_REVISION } from '../../src/engine/model/own-keys.js';
import type { PolicyAction, PolicyVersion } from '../../src/engine/model/policy.js';
import type { KeyValue, ResourceSpans, TraceRequest, WithAttributes } from '../../src/engine/model/trace-request.js';
import { SLOTS } from '../../src/engine/policy/slots.js';
import { type CollectorOptions, renderOtelCollector } from '../../src/engine/policy/targets/otel-collector.js';
import { renderOtelCollectorConfig } from '../../src/engine/policy/targets/otel-collector-config.js';
import { describeWith } from '../support/needs.js';
import { eventually } from '../support/service.js';
import { anyPolicies, approved, HOSTILE } from './any-policy.js';
import {
  type Collector,
  Folder,
  HASH_KEY,
  MISSING_COLLECTOR,
  printConfig,
  startCollector,
  validate,
} from './collector.js';

const SETS = 120;
const PROBE = 'what-the-variable-holds';
const ENV = { HOME: PROBE, SPANWARDEN_PROBE: PROBE };
const OPTIONS: readonly CollectorOptions[] = [
  {},
  { revision: '4711' },
  { revision: '${env:SPANWARDEN_PROBE} "$1"\n', version: '0.159.0' },
  { version: 'v0.147.0' },
  { version: '0.145.1', revision: 'r' },
  { version: '0.120.0', revision: 'r' },
  { version: 'of a distribution' },
];

function base(folder: Folder, slots: readonly string[] = SLOTS): Record<string, unknown> {
  return {
    receivers: { otlp: { protocols: { http: {}, grpc: {} } } },
    processors: {
      'probabilistic_sampler/spanwarden': { sampling_percentage: 100 },
      'filter/spanwarden': { error_mode: 'ignore' },
      'transform/spanwarden': { error_mode: 'ignore' },
      'redaction/spanwarden': { allow_all_keys: true },
      'tail_sampling/spanwarden': { policies: [{ name: 'all', type: 'always_sample' }] },
    },
    exporters: { file: { path: join(folder.path, 'spans.jsonl'), flush_interval: '50ms' } },
    service: { pipelines: { traces: { receivers: ['otlp'], processors: slots, exporters: ['file'] } } },
  };
}

describeWith('whatever policies hold', MISSING_COLLECTOR, () => {
  const folder = new Folder();
  const sets = fc.sample(anyPolicies, { numRuns: SETS, seed: 26 });
  const wholeBase = folder.write('base.yaml', base(folder));
  const errorsOf = (policies: readonly PolicyVersion[], options: CollectorOptions): string => {
    const file = folder.write('policies.yaml', toYaml(renderOtelCollector(policies, options).document));
    return validate([wholeBase, file], ENV);
  };

  afterAll(() => folder.remove());

  test(`a collector takes ${SETS} sets of ${sets.flat().length} policies, for any version`, () => {
    const refused = sets.flatMap((policies, i) => {
      const options = OPTIONS[i % OPTIONS.length]!;
      const said = errorsOf(policies, options);
      if (said === '') return [];
      const alone = policies.find((policy) => errorsOf([policy], options) !== '');
      return [{ set: i, options, said, policies: alone === undefined ? policies : [alone] }];
    });
    expect(refused.slice(0, 2)).toEqual([]);
  }, 300_000);

  test('and as whole configurations', () => {
    const refused = sets.slice(0, 20).filter((policies, i) => {
      const { document } = renderOtelCollectorConfig(policies, OPTIONS[i % OPTIONS.length]);
      return validate([folder.write('whole.yaml', toYaml(document))], ENV) !== '';
    });
    expect(refused.slice(0, 1)).toEqual([]);
  }, 120_000);

  test('it reads them as they are meant, and expands nothing but the key of hashes', () => {
    for (const [i, policies] of sets.entries()) {
      if (i % 3 > 0) continue;
      const { document } = renderOtelCollector(policies, OPTIONS[i % OPTIONS.length]);
      const printed = printConfig([wholeBase, folder.write('policies.yaml', toYaml(document))], ENV);
      expect(printed).not.toContain(PROBE);
      const { processors } = parse(printed) as { processors: Record<string, unknown> };
      const meant = literally((document as { processors: Record<string, unknown> }).processors);
      for (const [slot, processor] of Object.entries(meant as object)) {
        // Of the policies of tail_sampling it prints names only, and percentages less exactly.
        if (!/sampl/.test(slot)) expect(processors[slot]).toMatchObject(processor);
      }
    }
  }, 120_000);
});

/** What a collector has to make of served data: dollars halved, and the one variable replaced. */
function literally(data: unknown): unknown {
  if (data === '${env:SPANWARDEN_HMAC_KEY}') return HASH_KEY;
  if (typeof data === 'string') return data.replace(/\$\$/g, '$$');
  if (Array.isArray(data)) return data.map(literally);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, literally(value)]));
}

type Pairs = readonly (readonly [string, string])[];
/** A policy on one hostile key in one service, and what becomes of the attributes of that service. */
interface Probe {
  readonly policy: PolicyVersion;
  readonly service: string;
  readonly place: (typeof PLACES)[number];
  readonly before: Pairs;
  /** Null: the span goes. */
  readonly after: Pairs | null;
}
const PLACES = ['resource', 'scope', 'span', 'event'] as const;

/** Keys that a text would turn into if any part of the way read more into it than a text. */
function neighbours(text: string): string[] {
  return [
    ...[
      text.replace(/\$\{(env:)?(HOME|SPANWARDEN_PROBE)\}/g, PROBE),
      text.replace(/\$\$/g, '$$'),
      text.replace(/\$/g, '$$$$'),
    ],
    ...[text.trim(), text.toUpperCase(), text.normalize('NFD'), text.normalize('NFC'), text.replace(/\\/g, '\\\\')],
    ...[
      text.replace(/\\(.)/g, '$1'),
      text.replace(/\s+/g, ' '),
      `${text}x`,
      `x${text}`,
      [...text].slice(0, -1).join(''),
      'other',
    ],
  ].filter((other, i, all) => other !== text && all.indexOf(other) === i && !/^(service\.name|case)$/.test(other));
}

const value = (key: string): string => `value of ${key}`;

/** Kinds of actions on a key, and what they leave of its value: a key and a text, or nothing. */
const KINDS: readonly (readonly [(key: string) => PolicyAction, (key: string) => Pairs])[] = [
  [() => ({ kind: 'delete' }), () => []],
  [() => ({ kind: 'mask-value' }), (key) => [[key, '****']]],
  [() => ({ kind: 'hash' }), (key) => [[key, createHash('sha256').update(value(key)).digest('hex')]]],
  [
    () => ({ kind: 'keyed-hash' }),
    (key) => [
      [
        key,
        createHmac('sha256', HASH_KEY)
          .update(`spanwarden:hmac:${value(key)}`)
          .digest('hex'),
      ],
    ],
  ],
  [() => ({ kind: 'truncate', length: 2 }), (key) => [[key, 'va']]],
  [(key) => ({ kind: 'rename', to: `new ${key}` }), (key) => [[`new ${key}`, value(key)]]],
  [
    (key) => ({
      kind: 'mask',
      patterns: [{ detector: 'd', pattern: `(?P<match>^.*)${key.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$` }],
    }),
    (key) => [[key, /\n/.test(key) ? value(key).replace('value of ', '****') : `****${key}`]],
  ],
];

function probes(texts: readonly string[]): Probe[] {
  const made: Omit<Probe, 'policy' | 'service'>[] = [];
  const parts: { key: string; action: PolicyAction; location: Probe['place'] }[] = [];
  texts.forEach((key, i) => {
    const others: Pairs = neighbours(key).map((other) => [other, value(other)]);
    const before: Pairs = [[key, value(key)], ...others];
    const add = (n: number, action: PolicyAction, after: Pairs | null, from = before, on = key): void => {
      const place = PLACES[(i + n) % PLACES.length]!;
      made.push({ place, before: from, after });
      parts.push({ key: on, action, location: place });
    };
    for (const [n, [action, left]] of KINDS.entries()) add(n, action(key), [...left(key), ...others]);
    add(i, { kind: 'keep', keys: [key] }, [[key, value(key)]], before, '*');
    if (PLACES[(i + 1) % PLACES.length] === 'event') return;
    const drop: PolicyAction = { kind: 'drop', match: key, keepErrors: false };
    add(1, drop, null, [['case', key]], 'case');
    for (const other of neighbours(key).slice(0, 4)) add(1, drop, [['case', other]], [['case', other]], 'case');
  });
  return made.map((probe, i) => {
    const service = `${i} ${texts[i % texts.length]}`;
    return { ...probe, service, policy: approved(`${i}`, { ...parts[i]!, services: [service] }) };
  });
}

function requestOf(all: readonly Probe[]): TraceRequest {
  const attributes = (given: Pairs): KeyValue[] => given.map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return {
    resourceSpans: all.map(({ service, place, before }, i): ResourceSpans => {
      const at = (here: Probe['place']): KeyValue[] => (here === place ? attributes(before) : []);
      const event = { name: 'e', attributes: at('event') };
      const span = { traceId: hex(i + 1, 32), spanId: hex(1, 16), name: 'n', attributes: at('span'), events: [event] };
      return {
        resource: { attributes: [...attributes([['service.name', service]]), ...at('resource')] },
        scopeSpans: [{ scope: { name: 's', attributes: at('scope') }, spans: [span] }],
      };
    }),
  };
}

const hex = (number: number, length: number): string => number.toString(16).padStart(length, '0');

/** Attributes of a probe as they came out; null where the span is gone. */
function found(probe: Probe, resource: ResourceSpans | undefined): Record<string, unknown> | null {
  if (resource === undefined) return null;
  const [scope] = resource.scopeSpans!;
  const [span] = scope!.spans!;
  const owners: Record<Probe['place'], WithAttributes | undefined> = {
    ...{ resource: resource.resource, scope: scope!.scope, span, event: span!.events![0] },
  };
  return textsOf(owners[probe.place]);
}

function textsOf(owner: WithAttributes | undefined): Record<string, unknown> {
  const texts = (owner?.attributes ?? []).map(({ key = '', value: { stringValue } = {} }) => [key, stringValue]);
  const added: readonly unknown[] = ['service.name', POLICY_REVISION, 'redaction.masked.count'];
  return Object.fromEntries(texts.filter(([key]) => !added.includes(key)));
}

describeWith('hostile keys, texts and services in a real collector', MISSING_COLLECTOR, () => {
  const folder = new Folder();
  const REVISION = '${env:SPANWARDEN_PROBE} $1 "7"';
  const random = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), { numRuns: 40, seed: 27 });
  const texts = [...new Set([...HOSTILE, ...random.map((text) => text.replaceAll('\0', ''))])];
  const all = probes(texts);
  let collector: Collector;
  let sent: Map<string, ResourceSpans>;

  beforeAll(async () => {
    const policies = all.map(({ policy }) => policy);
    const slots = ['filter/spanwarden', 'transform/spanwarden', 'redaction/spanwarden'];
    const served = toYaml(renderOtelCollector(policies, { revision: REVISION }).document);
    const configs = [folder.write('base.yaml', base(folder, slots)), folder.write('policies.yaml', served)];
    collector = await startCollector(configs, ENV);
    const answer = await fetch(`${collector.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(requestOf(all)),
    });
    expect(answer.status).toBe(200);
    const staying = all.filter(({ after }) => after !== null).length;
    const lines = await eventually(
      async () => folder.read('spans.jsonl').split('\n').slice(0, -1),
      (got) =>
        got.map((line) => (JSON.parse(line) as TraceRequest).resourceSpans!.length).reduce((a, b) => a + b, 0) >=
        staying,
    );
    const resources = lines.flatMap((line) => (JSON.parse(line) as TraceRequest).resourceSpans!);
    sent = new Map(resources.map((one) => [one.scopeSpans![0]!.spans![0]!.traceId!, one]));
  }, 120_000);

  afterAll(async () => {
    await collector?.stop();
    folder.remove();
  });

  test(`${all.length} policies on ${texts.length} texts act on exactly what they name`, () => {
    const wrong = all.flatMap((probe, i) => {
      const got = found(probe, sent.get(hex(i + 1, 32)));
      const meant = probe.after && Object.fromEntries(probe.after);
      if (JSON.stringify(sorted(got)) === JSON.stringify(sorted(meant))) return [];
      return [{ action: probe.policy.policy.action, key: probe.policy.policy.key, place: probe.place, got, meant }];
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(all.filter(({ after }) => after === null).length).toBeGreaterThan(50);
  });

  test('and every resource says which revision it went through', () => {
    const marks = [...sent.values()].map(
      ({ resource }) => resource!.attributes!.find(({ key }) => key === POLICY_REVISION)?.value?.stringValue,
    );
    expect([...new Set(marks)]).toEqual([REVISION]);
  });

  test('and what was hashed with a key is counted', () => {
    const counts = all.flatMap(({ place, policy }, i) => {
      if (place !== 'span' || policy.policy.action.kind !== 'keyed-hash') return [];
      const attributes = sent.get(hex(i + 1, 32))!.scopeSpans![0]!.spans![0]!.attributes!;
      return [attributes.find(({ key }) => key === 'redaction.masked.count')?.value?.intValue];
    });
    expect(counts.length).toBeGreaterThan(10);
    expect([...new Set(counts.map(String))]).toEqual(['1']);
  });
});

function sorted(texts: Record<string, unknown> | null): unknown {
  return texts && Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
}
