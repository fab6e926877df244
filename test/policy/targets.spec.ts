import { describe, expect, test } from '@jest/globals';
import { LOCATIONS, type Location } from '../../src/engine/model/location.js';
import type { PolicyAction, PolicyVersion } from '../../src/engine/model/policy.js';
import { SAMPLING_STAGES } from '../../src/engine/model/sampling.js';
import { SLOTS } from '../../src/engine/policy/slots.js';
import { POLICY_TARGETS } from '../../src/engine/policy/targets/index.js';
import { renderOtelCollector } from '../../src/engine/policy/targets/otel-collector.js';
import type { PolicyTarget } from '../../src/engine/policy/targets/target.js';

const sample = (stage: (typeof SAMPLING_STAGES)[number], environment = ''): PolicyAction => ({
  ...{ kind: 'sample', stage, environment, otherwise: 0.1, floor: 0.01, budget: null, adaptive: false },
  keep: { errors: true, slowerThanMs: null, critical: [] },
  operations: stage === 'collector' ? [] : [{ service: 'web', operation: 'GET /', probability: 0.5 }],
});

/** Every kind of action; a kind that is missing here does not compile. */
const ACTIONS: Readonly<Record<PolicyAction['kind'], readonly PolicyAction[]>> = {
  mask: [{ kind: 'mask', patterns: [{ detector: 'd', pattern: 'a' }] }],
  'mask-value': [{ kind: 'mask-value' }],
  delete: [{ kind: 'delete' }],
  hash: [{ kind: 'hash' }],
  'keyed-hash': [{ kind: 'keyed-hash' }],
  truncate: [{ kind: 'truncate', length: 10 }],
  rename: [{ kind: 'rename', to: 'other' }],
  keep: [{ kind: 'keep', keys: ['a'] }],
  drop: [{ kind: 'drop', match: 'a', keepErrors: true }],
  template: [{ kind: 'template', template: 'GET /{id}' }],
  sample: [...SAMPLING_STAGES.map((stage) => sample(stage)), sample('tail', 'production'), sample('sdk', 'production')],
};
const KEYS: readonly (readonly [Location, string])[] = [
  ...LOCATIONS.map((location) => [location, 'a'] as const),
  ['span_name', 'span.name'],
  ['status', 'otel.status_description'],
  ['span', 'tracestate'],
  ['event', 'event.name'],
  ['scope', 'otel.scope.name'],
  ['resource', 'schema_url'],
];

const TARGETS: Readonly<Record<string, PolicyTarget>> = {
  ...POLICY_TARGETS,
  'otel-collector 0.146': (policies) => renderOtelCollector(policies, { version: '0.146.0' }),
  'otel-collector 0.144': (policies) => renderOtelCollector(policies, { version: '0.144.0' }),
};

const policies: PolicyVersion[] = Object.values(ACTIONS)
  .flat()
  .flatMap((action) => KEYS.map(([location, key]) => ({ action, location, key })))
  .flatMap((given) => [['web'], []].map((services) => ({ ...given, services })))
  .map((given, i) => ({
    ...{ id: `${i}`, version: 1, state: 'approved' },
    policy: { ...given, cause: `${i}`, title: '', reason: '', findings: [] },
  }));

describe.each(Object.entries(TARGETS))('%s', (_, render) => {
  test(`has each of ${policies.length} policies in its document, or says why not`, () => {
    const empty = JSON.stringify(render([]).document);
    const silent = policies.filter((version) => {
      const { document, unsupported } = render([version]);
      const isSaid = unsupported.some(({ id, reason }) => id === version.id && reason !== '');
      return isSaid === (JSON.stringify(document) !== empty);
    });
    expect(silent.map(({ policy }) => [policy.action.kind, policy.location, policy.key, policy.services])).toEqual([]);
  });

  test('says it in a set of others, too', () => {
    const alone = new Set(policies.filter((version) => render([version]).unsupported.length > 0).map(({ id }) => id));
    const together = new Set(render(policies).unsupported.map(({ id }) => id));
    expect([...alone].filter((id) => !together.has(id))).toEqual([]);
  });
});

describe('OpenTelemetry Collector', () => {
  test('says of each policy that it has which processors carry it out', () => {
    const wrong = policies.filter((version) => {
      const { document, unsupported, processors = [] } = renderOtelCollector([version]);
      const served = Object.keys((document as { processors: object }).processors);
      if (unsupported.length > 0) return processors.length > 0;
      const [said] = processors;
      return said?.id !== version.id || said.processors.some((slot) => !served.includes(slot));
    });
    expect(wrong).toEqual([]);
    const all = renderOtelCollector(policies).processors!.flatMap((row) => row.processors);
    expect([...new Set(all)].sort()).toEqual([...SLOTS].sort());
  });

  test.each([
    ['0.147.0', []],
    ['v0.146.0', ['collectors have keyed hashes from version 0.147.0 on']],
    ['0.120.0', ['collectors have keyed hashes from version 0.147.0 on']],
    ['1.9.0', []],
    ['', []],
  ])('tells a collector of version "%s" what it knows', (version, reasons) => {
    const { unsupported } = renderOtelCollector(
      policies.filter(
        ({ policy }) => ['keyed-hash', 'drop'].includes(policy.action.kind) && policy.location === 'span',
      ),
      { version },
    );
    const said = new Set(unsupported.map(({ reason }) => reason).filter((reason) => /version/.test(reason)));
    expect([...said]).toEqual(reasons);
  });

  test('tail sampling that tells what must not hold is for collectors from v0.145.0 on', () => {
    const tail = policies.find(
      ({ policy: { action, services } }) => action.kind === 'sample' && action.stage === 'tail' && services.length > 0,
    )!;
    expect(renderOtelCollector([tail], { version: '0.145.0' }).unsupported).toEqual([]);
    expect(renderOtelCollector([tail], { version: '0.144.9' }).unsupported).toEqual([
      { id: tail.id, reason: 'tail_sampling tells what must not hold from version 0.145.0 on' },
    ]);
  });

  test('a revision is the last statement, whatever runs before it, and there without policies, too', () => {
    const groupsOf = (given: readonly PolicyVersion[]) => {
      const { document } = renderOtelCollector(given, { revision: '7' });
      const { processors } = document as { processors: Record<string, { trace_statements: unknown[] }> };
      return processors['transform/spanwarden']!.trace_statements;
    };
    const last = { context: 'resource', statements: ['set(resource.attributes["spanwarden.policy_revision"], "7")'] };
    expect(groupsOf(policies).at(-1)).toEqual(last);
    expect(groupsOf([])).toEqual([last]);
  });
});
