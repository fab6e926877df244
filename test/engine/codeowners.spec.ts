import { describe, expect, test } from '@jest/globals';
import { readCodeowners } from '../../src/engine/cost/codeowners.js';

const FILE = `# who owns what
*                 @shop/everyone
/services/        @shop/platform  # all services
/services/pay*/   pay@example.com @jane @shop/payments
docs/*            @shop/writers
apps/             @shop/apps
/web/**/admin     @shop/admin
/secret/          @jane
/free/
`;

describe('CODEOWNERS', () => {
  test.each([
    ['tools', 'everyone'],
    ['services/search', 'platform'],
    ['./services/payments/api/', 'payments'],
    ['docs/guide.md', 'writers'],
    ['docs/guides/a.md', 'everyone'],
    ['any/where/apps/one', 'apps'],
    ['web/a/b/admin/main.ts', 'admin'],
    ['web/admin', 'admin'],
  ])('%s is of team %s: the last line that matches counts', (path, team) => {
    expect(readCodeowners(FILE, [{ service: 'web', path }])).toEqual({
      owners: [{ service: 'web', team }],
      problems: [],
      skipped: 0,
    });
  });

  test('people own no services, and a service has one place', () => {
    const paths = ['secret/a', 'free', 'docs'].map((path, i) => ({ service: i === 1 ? 'b' : 'a', path }));
    const { problems } = readCodeowners(FILE, paths);
    expect(problems.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'unowned services.0.path',
      'unowned services.1.path',
      'overlap services.2.service',
    ]);
    expect(JSON.stringify(problems)).not.toContain('jane');
  });

  test('a pattern with many stars takes no time', () => {
    const start = performance.now();
    readCodeowners(`${'*a'.repeat(2_000)}b @shop/a`, [{ service: 'a', path: 'a'.repeat(300) }]);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
