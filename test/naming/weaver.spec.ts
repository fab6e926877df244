import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { checkAttributeName } from '../../src/engine/naming/attribute-rules.js';
import { ConventionRegistry } from '../../src/engine/naming/registry.js';
import { formatProblem } from '../../src/engine/problem.js';
import { readConventions } from '../../src/engine/rules/convention-document.js';

const VERSION_1 = `
groups:
  - id: registry.acme
    type: attribute_group
    brief: Orders.
    attributes:
      - id: acme.order.id
        type: string
        stability: stable
        brief: >
          The number of an order,
          as customers see it.
        examples: ["A-1"]
        annotations:
          governance: { cardinality: unbounded, pii: personal }
      - id: acme.order.state
        type:
          members:
            - { id: open, value: open, stability: stable }
            - { id: shut, value: shut, stability: stable, deprecated: { reason: obsoleted, note: gone } }
        stability: development
        brief: Where it stands.
      - id: acme.order.no
        type: string
        stability: stable
        brief: Old.
        deprecated: { reason: renamed, renamed_to: acme.order.id }
      - id: acme.header
        type: template[string[]]
        stability: stable
        brief: Headers.
      - ref: http.route
        annotations:
          governance: { cardinality: bounded, budget: 200 }
  - id: entity.acme.shop
    type: entity
    name: acme.shop
    brief: A shop.
    attributes:
      - ref: acme.shop.id
`;
const VERSION_2 = `
file_format: definition/2
attributes:
  - key: acme.shop.id
    type: int
    stability: stable
    brief: Number of a shop.
  - key: acme.queue
    type: string
    stability: stable
    brief: Old.
    deprecated: use something else
spans:
  - type: acme.checkout
    kind: internal
    brief: A checkout.
    stability: stable
    name: { note: "{acme.order.id}" }
    attributes:
      - ref: acme.order.id
        requirement_level: required
      - ref_group: acme.common
`;
const files = (texts: Readonly<Record<string, string>>): Map<string, unknown> =>
  new Map(Object.entries(texts).map(([file, text]) => [file, parse(text)]));

describe("a company's registry", () => {
  const manifest = 'name: acme\nsemconv_version: 1.2.0';
  const { document, problems } = readConventions(
    'acme',
    files({ 'a/orders.yaml': VERSION_1, 'a/registry_manifest.yaml': manifest, 'a/shops.yaml': VERSION_2 }),
  );

  test('is read from both versions of the syntax', () => {
    expect(problems).toEqual([]);
    expect(document).toEqual({
      name: 'acme',
      version: '1.2.0',
      kind: 'company',
      attributes: {
        'acme.order.id': {
          type: 'string',
          stability: 'stable',
          brief: 'The number of an order, as customers see it.',
          governance: { cardinality: 'unbounded', pii: 'personal' },
          level: 'span',
        },
        'acme.order.state': {
          type: 'string',
          values: ['open', 'shut'],
          deprecatedValues: ['shut'],
          stability: 'development',
          brief: 'Where it stands.',
        },
        'acme.order.no': {
          type: 'string',
          stability: 'stable',
          brief: 'Old.',
          deprecated: { reason: 'renamed', renamedTo: 'acme.order.id' },
        },
        'acme.header.*': { type: 'string[]', stability: 'stable', brief: 'Headers.' },
        'acme.shop.id': { type: 'int', stability: 'stable', brief: 'Number of a shop.', level: 'resource' },
        'acme.queue': {
          type: 'string',
          stability: 'stable',
          brief: 'Old.',
          deprecated: { reason: 'uncategorized' },
        },
      },
      governance: { 'http.route': { cardinality: 'bounded', budget: 200 } },
    });
  });

  test('makes its keys known, and unknown keys below its prefix information', () => {
    const standard = {
      name: 'S',
      version: '1',
      kind: 'standard',
      attributes: { 'http.route': { stability: 'stable' }, 'http.request.method': { stability: 'stable' } },
    } as const;
    const registry = new ConventionRegistry([standard, document]);
    const missing = (key: string): string | undefined =>
      checkAttributeName(key, registry).find(({ id }) => id === 'missing_attribute')?.level;
    expect(missing('acme.order.id')).toBeUndefined();
    expect(missing('acme.cart.size')).toBe('information');
    expect(missing('other.cart.size')).toBe('violation');
    expect(missing('http.acme.size')).toBe('violation');
    expect(registry.find('acme.header.x-a')?.registry).toBe('acme 1.2.0');
    expect(registry.renamedTo('acme.order.no')).toBe('acme.order.id');
    expect(registry.governanceOf('http.route')).toEqual({ cardinality: 'bounded', budget: 200 });
    expect(registry.governanceOf('acme.order.id')).toEqual({ cardinality: 'unbounded', pii: 'personal' });
    expect(registry.nearMiss('acme.order_id')).toBe('acme.order.id');
  });

  test('takes two components of a reversed domain for its prefix', () => {
    const attributes = { 'com.acme.order.id': { stability: 'stable' } } as const;
    const registry = new ConventionRegistry([{ name: 'a', version: '', kind: 'company', attributes }]);
    expect(registry.isOfCompany('com.acme.cart')).toBe(true);
    expect(registry.isOfCompany('com.other.cart')).toBe(false);
  });

  test('with many mistakes gets all of them told at once, with file and field', () => {
    const wrong = `
groups:
  - id: g
    attributes:
      - id: "acme order"
        type: text
        stability: kind of
      - id: acme.size
        type: { members: [{ id: a, value: 1 }, { id: b, value: two }] }
        stability: stable
        deprecated: { reason: renamed }
        annotations: { governance: { cardinality: lots, budget: none, owner: me } }
      - id: acme.size
        type: int
      - brief: nothing else
`;
    const read = readConventions('acme', files({ 'a/wrong.yaml': wrong, 'a/list.yaml': '- 1', 'a/none.yaml': 'x: 1' }));
    expect(read.problems.map(formatProblem)).toEqual([
      expect.stringMatching(/^a\/wrong.yaml: groups\[0\]: attributes\[0\]: id: wrong form; letters/),
      expect.stringMatching(/attributes\[0\]: type: not known; string, int/),
      expect.stringMatching(/attributes\[0\]: stability: missing or unknown; stable/),
      expect.stringMatching(/attributes\[1\]: type: members: values of several types/),
      expect.stringMatching(/attributes\[1\]: annotations: governance: owner: unknown field/),
      expect.stringMatching(/governance: cardinality: missing or unknown/),
      expect.stringMatching(/governance: budget: out of range/),
      expect.stringMatching(/attributes\[1\]: deprecated: renamed_to: missing/),
      expect.stringMatching(/attributes\[2\]: id: defined before, in a\/wrong.yaml/),
      expect.stringMatching(/attributes\[3\]: id: missing/),
      expect.stringMatching(/attributes\[3\]: type: missing/),
      expect.stringMatching(/^a\/list.yaml: wrong type; a mapping/),
      expect.stringMatching(/^a\/list.yaml: groups: missing/),
      expect.stringMatching(/^a\/none.yaml: groups: missing/),
    ]);
    expect(read.problems.map(formatProblem).join()).not.toContain('acme order');
  });
});
