import { expect, test } from '@jest/globals';
import { readPolicies } from '../../src/engine/policy/policy-document.js';
import { formatProblem } from '../../src/engine/problem.js';

const given = (action: object, over: object = {}): object => ({
  location: 'span',
  key: 'a',
  services: ['web'],
  action,
  ...over,
});
const read = (content: unknown): { actions: unknown[]; problems: string[] } => {
  const { policies, problems } = readPolicies('p.json', content);
  return { actions: policies.map(({ policy }) => policy.action), problems: problems.map(formatProblem) };
};

test('actions are read, and errors stay unless a policy says otherwise', () => {
  const name = { location: 'span_name', key: 'span.name' };
  const list = [
    given({ kind: 'keyed-hash' }),
    given({ kind: 'keep', keys: ['b', ' c', 'b'] }, { key: undefined }),
    given({ kind: 'drop', match: ' text ' }),
    given({ kind: 'drop', match: 'GET /{any}', except: ['GET /cart'], keepErrors: false }, name),
  ];
  expect(read(list)).toEqual({
    actions: [
      { kind: 'keyed-hash' },
      { kind: 'keep', keys: ['b', ' c'] },
      { kind: 'drop', match: ' text ', keepErrors: true },
      { kind: 'drop', match: 'GET /{any}', except: ['GET /cart'], keepErrors: false },
    ],
    problems: [],
  });
  expect(readPolicies('p.json', list[1]).policies[0]!.policy.key).toBe('*');
});

test.each([
  [given({ kind: 'keep' }), 'p.json: action: keys: empty; 1 to 1000 keys'],
  [given({ kind: 'keep', keys: ['a'] }, { location: 'status' }), 'p.json: action: kind keep; for attributes only'],
  [given({ kind: 'keyed-hash' }, { location: 'span_name' }), 'p.json: action: kind keyed-hash; for attributes only'],
  [given({ kind: 'drop' }), 'p.json: action: match: missing; text'],
  [given({ kind: 'drop', match: 'a', keepErrors: 'no' }), 'p.json: action: keepErrors: wrong type; true or false'],
  [
    given({ kind: 'drop', match: 'a' }, { location: 'event' }),
    'p.json: action: kind drop; for spans, not their events and links',
  ],
])('%j is told', (content, problem) => {
  expect(read(content).problems).toEqual([problem]);
});
