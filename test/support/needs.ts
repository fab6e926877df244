import { describe, expect, test } from '@jest/globals';

/**
 * A group of tests that need something beside Node.js. Where it is missing they are left out, loudly; with CI=true that
 * is a failure.
 *
 * @param missing what is missing and how to get it; null when nothing is
 */
export function describeWith(name: string, missing: string | null, tests: () => void): void {
  test(`${name}: everything it needs is there`, () => {
    if (missing === null) return;
    process.stderr.write(`\nSKIPPED: ${name}\n  ${missing}\n\n`);
    expect(process.env.CI === 'true' ? missing : '').toBe('');
  });
  (missing === null ? describe : describe.skip)(name, tests);
}
