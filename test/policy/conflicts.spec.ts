import { expect, test } from '@jest/globals';
import type { Location } from '../../src/engine/model/location.js';
import type { PolicyAction, PolicyVersion } from '../../src/engine/model/policy.js';
import { type ConflictKind, findConflicts } from '../../src/engine/policy/conflicts.js';

type Given = readonly [Location, string, PolicyAction];
const set = (...given: readonly Given[]): PolicyVersion[] =>
  given.map(([location, key, action], i) => ({
    ...{ id: `p${i + 1}`, version: 1, state: 'approved' },
    policy: {
      ...{ cause: `${i}`, title: '', reason: '', findings: [] },
      location,
      key,
      action,
      services: ['web', 'shop'],
    },
  }));

const span = (key: string, action: PolicyAction): Given => ['span', key, action];
const keep = (...keys: string[]): Given => span('*', { kind: 'keep', keys });
const drop = (match: string, keepErrors = true): Given => [
  'span_name',
  'span.name',
  { kind: 'drop', match, keepErrors },
];
const dropBy = (key: string, match: string): Given => span(key, { kind: 'drop', match, keepErrors: true });
const named = (template: string, name?: string): Given => [
  ...(['span_name', 'span.name'] as const),
  { kind: 'template', template, ...(name !== undefined && { name }) },
];
const mask: PolicyAction = { kind: 'mask-value' };
const remove: PolicyAction = { kind: 'delete' };

const CONFLICTS: readonly (readonly [string, readonly Given[], ConflictKind, readonly string[], string])[] = [
  ['a mask of what does not stay', [keep('a'), span('b', mask)], 'no-effect', ['p1', 'p2'], 'b is not among the keys'],
  ['before and after', [span('b', mask), keep('a')], 'no-effect', ['p1', 'p2'], 'b is not among the keys'],
  ['a delete of what stays', [keep('a'), span('a', remove)], 'order', ['p1', 'p2'], 'One keeps a and the other'],
  [
    'a rename to what does not stay',
    [span('a', { kind: 'rename', to: 'c' }), keep('a')],
    'lost-value',
    ['p1', 'p2'],
    'a becomes c',
  ],
  [
    'two lists with keys of their own',
    [keep('a', 'b'), keep('b', 'c')],
    'lost-value',
    ['p1', 'p2'],
    'a, c are kept by one',
  ],
  ['the same list twice', [keep('a', 'b'), keep('b', 'a')], 'twice', ['p1', 'p2'], 'Both keep the same keys'],
  ['a shorter list first', [keep('a'), keep('a', 'b')], 'no-effect', ['p1', 'p2'], 'The first one keeps fewer'],
  ['a shorter list second', [keep('a', 'b'), keep('a')], 'no-effect', ['p1', 'p2'], 'The second one keeps fewer'],
  ['the same spans twice', [drop('GET /health'), drop('GET /health')], 'twice', ['p1', 'p2'], 'Both drop spans'],
  [
    'the same spans, errors or not',
    [drop('GET /health'), drop('GET /health', false)],
    'no-effect',
    ['p1', 'p2'],
    'Both drop spans',
  ],
  [
    'spans of a wider template',
    [drop('GET /{any}'), drop('GET /health')],
    'no-effect',
    ['p1', 'p2'],
    'The first one drops',
  ],
  [
    'a name of dropped spans',
    [named('GET /{id}', 'GET'), drop('GET /{id}')],
    'no-effect',
    ['p2', 'p1'],
    'none are left to be named GET',
  ],
  [
    'a name that spans get later',
    [named('GET /{id}', 'GET'), drop('GET')],
    'order',
    ['p2', 'p1'],
    'before those of GET /{id} become GET',
  ],
  [
    'a key that attributes get later',
    [span('a', { kind: 'rename', to: 'b' }), dropBy('b', 'x')],
    'order',
    ['p2', 'p1'],
    'before a is renamed',
  ],
  [
    'a keyed hash of a plain one',
    [span('a', { kind: 'hash' }), span('a', { kind: 'keyed-hash' })],
    'order',
    ['p1', 'p2'],
    'hash, then keyed-hash',
  ],
  [
    'a keyed hash of nothing',
    [span('a', remove), span('a', { kind: 'keyed-hash' })],
    'no-effect',
    ['p1', 'p2'],
    'nothing to hash',
  ],
];

test.each(CONFLICTS)('%s', (_, given, kind, policies, what) => {
  const found = findConflicts(set(...given));
  expect(found).toMatchObject([{ kind, policies, services: ['shop', 'web'] }]);
  expect(found[0]!.what).toContain(what);
  expect(found[0]!.remedy).toMatch(/\.$/);
});

test.each([
  ['a mask of what stays', [keep('a'), span('a', mask)]],
  ['a rename to what stays', [span('a', { kind: 'rename', to: 'b' }), keep('b')]],
  ['a list for spans and a mask of events', [keep('a'), ['event', 'b', mask]]],
  ['dropped spans and attributes of others', [drop('GET /health'), span('a', mask)]],
  ['spans dropped by two keys', [dropBy('a', 'x'), dropBy('b', 'x')]],
  ['spans dropped by two texts', [dropBy('a', 'x'), dropBy('a', 'y')]],
  ['spans of other names', [drop('GET /health'), named('GET /users/{id}')]],
  ['a keyed hash and a rename', [span('a', { kind: 'keyed-hash' }), span('a', { kind: 'rename', to: 'b' })]],
] as [string, Given[]][])('%s: no conflict', (_, given) => {
  expect(findConflicts(set(...given))).toEqual([]);
});
