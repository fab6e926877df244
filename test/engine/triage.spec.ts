import { describe, expect, test } from '@jest/globals';
import type { FindingKind, Severity } from '../../src/engine/model/finding.js';
import type { FindingChange, Resolution } from '../../src/engine/model/finding-state.js';
import { checkChange, decide, reopenAfter, type Standing } from '../../src/engine/triage/change.js';
import { environmentClass, severityReason, shownSeverity } from '../../src/engine/triage/severity.js';

const NOW = Date.UTC(2026, 10, 23);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('environments', () => {
  test.each([
    ['production', ['prod', 'PROD', 'production', 'prd', 'live', 'eu-prod-2', 'prod1', 'shop.production', 'prodEu']],
    ['other', ['dev', 'test', 'Test2', 'staging', 'stg-eu', 'ci', 'local', 'localhost', 'qa1', 'e2e', 'uat']],
    ['other', ['pre-prod', 'preprod', 'non-production', 'nonProd', 'feature_dev_7', 'my-sandbox', 'preview/pr-17']],
    ['unknown', ['', 'eu-west-1', 'blue', 'demo', 'reproduction', 'latest', 'citadel', 'devon']],
  ] as const)('%s: %j', (expected, names) => {
    for (const name of names) expect([name, environmentClass(name)]).toEqual([name, expected]);
  });
});

describe('severity', () => {
  const table: [FindingKind, Severity, string, Severity, RegExp][] = [
    ['secret', 'critical', 'production', 'critical', /named like production/],
    ['secret', 'critical', 'dev', 'critical', /critical in every environment/],
    ['secret', 'high', 'dev', 'medium', /^One step below what the detector says \(high\)/],
    ['pii', 'critical', 'staging', 'high', /not named like production/],
    ['pii', 'critical', 'live', 'critical', /named like production/],
    ['pii', 'high', '', 'high', /name no environment/],
    ['pii', 'medium', 'blue', 'medium', /may be production/],
    ['pii', 'medium', 'ci', 'low', /not named like production/],
    ['naming', 'low', 'test', 'info', /not named like production/],
    ['naming', 'info', 'test', 'info', /nothing lower/],
  ];
  test.each(table)('%s, %s, in %j is %s', (kind, severity, environment, shown, reason) => {
    expect(shownSeverity({ kind, severity, environment })).toBe(shown);
    expect(severityReason({ kind, severity, environment }, null)).toMatch(reason);
  });

  test('does not apply to what is used in tests', () => {
    const reason = severityReason({ kind: 'secret', severity: 'critical', environment: 'ci' }, 'used_in_tests');
    expect(reason).toMatch(/does not apply/);
  });
});

describe('changes', () => {
  const tomorrow = NOW + DAY;
  const table: [string, FindingChange, string[]][] = [
    ['nothing', {}, ['state']],
    ['a comment alone', { comment: 'looking' }, []],
    ['acknowledged', { state: 'acknowledged' }, []],
    ['open', { state: 'open', comment: 'not fixed' }, []],
    ['resolved without why', { state: 'resolved' }, ['resolution']],
    ['resolved', { state: 'resolved', resolution: 'fixed_at_source' }, []],
    ['why without resolved', { state: 'open', resolution: 'fixed_at_source' }, ['resolution']],
    ['wont_fix without end', { state: 'resolved', resolution: 'wont_fix' }, ['expires']],
    ['wont_fix until tomorrow', { state: 'resolved', resolution: 'wont_fix', expires: tomorrow }, []],
    ['wont_fix until yesterday', { state: 'resolved', resolution: 'wont_fix', expires: NOW - DAY }, ['expires']],
    ['wont_fix for ever', { state: 'resolved', resolution: 'wont_fix', expires: NOW + 400 * DAY }, ['expires']],
    ['wont_fix until no time', { state: 'resolved', resolution: 'wont_fix', expires: Number.NaN }, ['expires']],
    ['an end of another', { state: 'resolved', resolution: 'used_in_tests', expires: tomorrow }, ['expires']],
    ['everything wrong', { resolution: 'wont_fix' }, ['state', 'resolution', 'expires']],
  ];
  test.each(table)('%s', (_, change, wrong) => {
    expect(checkChange(change, 'body', NOW).map((p) => p.where)).toEqual(wrong.map((field) => `body.${field}`));
  });

  test.each([
    ['fixed_at_source', undefined, NOW - DAY, NOW + 15 * MINUTE],
    ['redacted_by_policy', undefined, NOW - DAY, NOW + 15 * MINUTE],
    // A service whose clock is ahead does not open it again at once.
    ['fixed_at_source', undefined, NOW + 30 * MINUTE, NOW + 45 * MINUTE],
    ['wont_fix', tomorrow, NOW, tomorrow],
    ['false_positive', undefined, NOW, null],
    ['used_in_tests', undefined, NOW, null],
  ] as [Resolution, number | undefined, number, number | null][])(
    'after %s a match opens it again, or none does',
    (resolution, expires, lastSeen, after) => {
      expect(reopenAfter(resolution, expires, NOW, lastSeen)).toBe(after);
    },
  );

  test('a decision that is made already is none', () => {
    const open: Standing = { state: 'open', resolution: null, expiresAt: null, lastSeen: NOW };
    const fixed: Standing = { ...open, state: 'resolved', resolution: 'fixed_at_source' };
    const accepted: Standing = { ...fixed, resolution: 'wont_fix', expiresAt: tomorrow };
    expect(decide(open, { state: 'open' }, NOW)).toBeNull();
    expect(decide(open, { comment: 'x' }, NOW)).toBeNull();
    expect(decide(open, { state: 'acknowledged' }, NOW)).toMatchObject({ action: 'acknowledged', reopenAfter: null });
    expect(decide(fixed, { state: 'resolved', resolution: 'fixed_at_source' }, NOW)).toBeNull();
    expect(decide(fixed, { state: 'resolved', resolution: 'false_positive' }, NOW)).toMatchObject({
      action: 'resolved',
      reopenAfter: null,
    });
    expect(decide(fixed, { state: 'open' }, NOW)).toMatchObject({ action: 'reopened', resolution: null });
    const again: FindingChange = { state: 'resolved', resolution: 'wont_fix', expires: tomorrow };
    expect(decide(accepted, again, NOW)).toBeNull();
    expect(decide(accepted, { ...again, expires: tomorrow + DAY }, NOW)).toMatchObject({ expiresAt: tomorrow + DAY });
  });
});
