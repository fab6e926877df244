import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../../src/edge/serve/policy-sets.js';
import type { Policy, PolicyVersion } from '../../src/engine/model/policy.js';
import { type StoredFinding, type SuggestContext, suggestPolicies } from '../../src/engine/policy/suggest.js';
import { POLICY_TARGETS } from '../../src/engine/policy/targets/index.js';
import type { Rendered } from '../../src/engine/policy/targets/target.js';
import { expectGolden } from '../support/golden.js';
import { ROOT } from '../support/service.js';

const CASES = readdirSync(join(ROOT, 'test', 'policy'), { withFileTypes: true })
  .filter((e) => e.isDirectory())
  .map((e) => e.name);

function policiesOf(name: string): PolicyVersion[] {
  const given = JSON.parse(
    readFileSync(join(ROOT, 'test', 'policy', name, 'policies.json'), 'utf8'),
  ) as Partial<Policy>[];
  return given.map((policy, i) => ({
    id: `policy-${i + 1}`,
    version: 1,
    state: 'approved',
    policy: { cause: `cause ${i}`, title: '', reason: '', findings: [], ...policy } as Policy,
  }));
}

describe.each(Object.entries(POLICY_TARGETS))('%s', (target, render) => {
  test.each(CASES)('renders %s as its golden file', (name) => {
    const { document, unsupported, notes = [] }: Rendered = render(policiesOf(name));
    const said = [...unsupported.map(({ id, reason }) => [id, reason]), ...notes.map(({ id, note }) => [id, note])];
    const comments = said.map(([id, text]) => `# ${id}: ${text}\n`).join('');
    expectGolden(`policy/${name}/${target}.golden.yaml`, comments + toYaml(document));
  });
});

describe('OpenTelemetry Collector', () => {
  const statementsIn = (yaml: string): string[] =>
    (parse(yaml) as { processors: Record<string, { trace_statements: { statements: string[] }[] }> }).processors[
      'transform/spanwarden'
    ]!.trace_statements.flatMap((group) => group.statements);

  test('whatever a key holds, the YAML is one statement with no dollar that stands alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (key) => {
        const policy = { ...policiesOf('out-of-reach')[1]!.policy, key, services: [key] };
        const { document } = POLICY_TARGETS['otel-collector']([{ id: 'p', version: 1, state: 'approved', policy }]);
        const statements = statementsIn(toYaml(document));
        expect(statements).toHaveLength(1);
        expect(statements[0]!.replaceAll('$$', '')).not.toContain('$');
        // Undone in the order in which a collector does: confmap halves the dollars, OTTL reads the literal.
        const quoted = /^delete_key\(span\.attributes, ("(?:[^"\\]|\\.)*")\) where/s.exec(
          statements[0]!.replaceAll('$$', '$'),
        )![1]!;
        const inner = quoted
          .slice(1, -1)
          .replace(/\\(?:u([0-9a-f]{4})|([nrt"\\]))/g, (_, code: string | undefined, c: string) =>
            code === undefined
              ? ({ n: '\n', r: '\r', t: '\t' }[c] ?? c)
              : String.fromCharCode(Number.parseInt(code, 16)),
          );
        expect(inner).toBe(key);
      }),
      { numRuns: 500 },
    );
  });

  test('no policies is an empty slot, which changes nothing', () => {
    expect(toYaml(POLICY_TARGETS['otel-collector']([]).document)).toBe(
      "processors:\n  transform/spanwarden:\n    error_mode: 'ignore'\n    trace_statements: []\n",
    );
  });
});

describe('suggestions', () => {
  const finding = (over: Partial<StoredFinding>): StoredFinding => ({
    id: '1',
    kind: 'pii',
    detector: 'email',
    family: 'contact',
    severity: 'medium',
    confidence: 'high',
    service: 'web',
    environment: '',
    location: 'span',
    key: 'note',
    component: '',
    mask: '',
    occurrences: 1,
    firstSeen: 0,
    lastSeen: 0,
    fingerprints: [],
    code: [],
    traceId: '',
    spanId: '',
    ...over,
  });
  const context: SuggestContext = {
    pattern: ({ detector }) => (detector === 'secret-attribute' ? undefined : `<${detector}>`),
    validates: (detector) => detector === 'iban',
    renamedTo: (key) => (key === 'http.method' ? 'http.request.method' : undefined),
    isNested: (f) => f.key === 'headers',
    templateOf: (_, name) => name,
    spanNameRule: (name) => (name.startsWith('{') ? null : { name, except: [], attributes: ['user.id'] }),
  };
  const suggest = (...findings: StoredFinding[]) =>
    suggestPolicies(findings, context).map(({ title, services, action, findings: ids }) => ({
      title,
      services,
      action,
      ids,
    }));

  test('the same attribute of many services and detectors is one policy', () => {
    expect(
      suggest(
        finding({ id: '2', service: 'b' }),
        finding({ id: '1', service: 'a' }),
        finding({ id: '3', service: 'a', detector: 'iban' }),
      ),
    ).toEqual([
      {
        title: 'Mask email, iban in note',
        services: ['a', 'b'],
        action: {
          kind: 'mask',
          patterns: [
            { detector: 'email', pattern: '<email>' },
            { detector: 'iban', pattern: '<iban>' },
          ],
        },
        ids: ['1', '2', '3'],
      },
    ]);
  });

  test('arrays and maps are deleted, values known by their key are masked whole', () => {
    expect(suggest(finding({ key: 'headers' }))[0]).toMatchObject({
      title: 'Delete headers',
      action: { kind: 'delete' },
    });
    expect(suggest(finding({ detector: 'secret-attribute' }))[0]).toMatchObject({
      title: 'Mask note',
      action: { kind: 'mask-value' },
    });
  });

  test('a deprecated name with one successor is renamed, a span name with an id gets its template', () => {
    const naming = { kind: 'naming', detector: 'deprecated' } as const;
    expect(suggest(finding({ ...naming, key: 'http.method' }))[0]).toMatchObject({
      action: { kind: 'rename', to: 'http.request.method' },
    });
    expect(suggest(finding({ ...naming, key: 'http.target' }))).toEqual([]);
    const name = finding({
      kind: 'naming',
      detector: 'span_name_not_general',
      location: 'span_name',
      key: 'GET /u/{id}',
    });
    expect(suggest(name)[0]).toMatchObject({ action: { kind: 'template', template: 'GET /u/{id}' } });
  });

  test('what cannot be named in a policy is not suggested', () => {
    expect(suggest(finding({ key: 'user.{email}' }), finding({ location: 'link' }), finding({ key: 'cut…' }))).toEqual(
      [],
    );
  });

  test('the order of the findings does not matter', () => {
    const all = [
      finding({ id: '1' }),
      finding({ id: '2', key: 'other' }),
      finding({ id: '3', service: 'z' }),
      finding({ id: '4', location: 'status' }),
    ];
    expect(suggestPolicies([...all].reverse(), context)).toEqual(suggestPolicies(all, context));
  });
});
