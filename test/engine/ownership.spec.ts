import { describe, expect, test } from '@jest/globals';
import { readBackstage } from '../../src/engine/cost/backstage.js';
import { type Assignment, EVER, Ownership, teamLike } from '../../src/engine/cost/ownership.js';

const SILENT = { environment: '', namespace: '', teamHint: '', teamLabel: '', kubernetesNamespace: '' };
const NOW = new Date('2026-11-23T00:00:00Z');
const say = (source: Assignment['source'], team: string | null, validFrom = EVER): Assignment => {
  return { service: 'web', source, team, validFrom };
};

describe('the first source that says something counts', () => {
  const row = { ...SILENT, teamHint: 'hint', teamLabel: 'label', namespace: 'shop', kubernetesNamespace: 'k8s' };
  test.each([
    ['mapping', 'high', row, [say('mapping', 'm'), say('backstage', 'b'), say('codeowners', 'c')], 'm'],
    ['backstage', 'high', row, [say('backstage', 'b'), say('codeowners', 'c')], 'b'],
    ['backstage', 'high', row, [say('mapping', null), say('backstage', 'b')], 'b'],
    ['resource', 'medium', row, [say('codeowners', 'c')], 'hint'],
    ['kubernetes-label', 'medium', { ...row, teamHint: '' }, [], 'label'],
    ['namespace', 'low', { ...row, teamHint: '', teamLabel: '' }, [], 'shop'],
    ['kubernetes-namespace', 'low', { ...SILENT, kubernetesNamespace: 'k8s' }, [say('codeowners', 'c')], 'k8s'],
    ['codeowners', 'low', SILENT, [say('codeowners', 'c')], 'c'],
    ['none', 'none', SILENT, [], 'unowned'],
  ] as const)('%s, with confidence %s', (source, confidence, facts, assignments, team) => {
    const ownership = new Ownership([{ ...facts, service: 'web' }], assignments);
    expect(ownership.ownerOf('web', NOW)).toMatchObject({ source, confidence, team });
  });

  test('a better source of any environment counts before a worse one', () => {
    const rows = [
      { ...SILENT, service: 'web', environment: 'a', teamHint: 'hint' },
      { ...SILENT, service: 'web', environment: 'b', namespace: 'shop' },
    ];
    expect(new Ownership(rows, []).ownerOf('web', NOW).team).toBe('hint');
  });
});

test('an owner holds from its time until the next one', () => {
  const [march, june] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-06-01T00:00:00Z')];
  const ownership = new Ownership(
    [{ ...SILENT, service: 'web', namespace: 'shop' }],
    [say('mapping', 'b', march), say('mapping', null, june), say('mapping', 'a')],
  );
  const at = (time: string) => ownership.ownerOf('web', new Date(time));
  expect(at('2026-02-28T23:59:59Z')).toMatchObject({ team: 'a', validFrom: EVER, validTo: march });
  expect(at('2026-03-01T00:00:00Z')).toMatchObject({ team: 'b', validFrom: march, validTo: june });
  expect(at('2026-06-01T00:00:00Z')).toMatchObject({ team: 'shop', source: 'namespace' });
  expect(ownership.changesWithin({ from: EVER, to: june })).toEqual([march]);
  expect(ownership.startOf('web', NOW)).toEqual(NOW);
  expect(ownership.startOf('new', NOW)).toEqual(EVER);
});

test('names of teams are stored, masks and what is nobody’s are not', () => {
  const names = [
    'payments',
    'Team A',
    'x/y',
    'default',
    'kube-system',
    '<email>',
    'a@example.com',
    '*',
    'a'.repeat(101),
  ];
  expect(names.map(teamLike)).toEqual(['payments', 'Team A', 'x/y', '', '', '', '', '', '']);
});

describe('a Backstage catalogue', () => {
  const component = (metadata: object, owner: unknown) => ({ kind: 'Component', metadata, spec: { owner } });

  test.each([
    ['team-a', 'team-a'],
    ['group:team-a', 'team-a'],
    ['group:default/team-a', 'team-a'],
    ['Group:Default/Team-A', 'team-a'],
    ['platform/team-a', 'platform/team-a'],
  ])('owner %s is team %s', (owner, team) => {
    const { owners, problems } = readBackstage([component({ name: 'web' }, owner)]);
    expect([owners, problems]).toEqual([[{ service: 'web', team }], []]);
  });

  test('an annotation says the name of the service', () => {
    const annotations = { 'resource.opentelemetry.io/service.name': 'web-frontend' };
    expect(readBackstage([component({ name: 'web', annotations }, 'a')]).owners[0]?.service).toBe('web-frontend');
  });

  test('all problems come at once, with document and field and without values', () => {
    const { problems, skipped } = readBackstage([
      component({ name: 'web' }, 'user:jane'),
      component({}, 7),
      null,
      { kind: 'API' },
      component({ name: 'web' }, 'a'),
      ['x'],
    ]);
    expect(problems.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'invalid document 1: spec.owner',
      'invalid document 2: metadata.name',
      'invalid document 2: spec.owner',
      'overlap document 5: metadata.name',
      'invalid document 6: kind',
    ]);
    expect(skipped).toBe(2);
    expect(JSON.stringify(problems)).not.toContain('jane');
  });
});
