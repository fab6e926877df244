import { describe, expect, test } from '@jest/globals';
import { ATTRIBUTE_METADATA } from '@sentry/conventions';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { isRedacted, SensitiveKeys } from '../../src/engine/detect/sensitive-keys.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest } from '../support/otlp.js';

const keys = new SensitiveKeys(loadRules(RULES_DIR, patternCompiler().compiler).rules.sensitiveKeys);

describe('sensitive keys', () => {
  test.each([
    ['http.request.header.authorization', 'sensitive-key-credential'],
    ['http.request.header.accept', undefined],
    ['db.query.parameter.0', 'sensitive-key-payload'],
    ['db.query.parameter', undefined],
    ['enduser.id', 'sensitive-key-identity'],
    ['url.full', undefined],
  ])('%s', (key, id) => {
    expect(keys.find(key)?.id).toBe(id);
  });

  test.each([
    ['', true],
    ['****', true],
    ['[REDACTED]', true],
    ['<filtered>', true],
    ['*.*@*.***', true],
    ['redacted by policy 7', false],
    ['x', false],
    ['ana', false],
    ['-', false],
  ])('redacted: "%s"', (text, wanted) => {
    expect(isRedacted(text)).toBe(wanted);
  });

  test('are findings of their own, whatever the value, unless it is empty or was redacted', () => {
    const now = Date.now();
    const spans = ['someone', 'someone', 'else', '', '****'].map((user, i) => ({
      spanId: `000000000000000${i + 1}`,
      start: now,
      attributes: { 'enduser.id': user },
    }));
    const request = encodeRequest([{ resource: { 'service.name': 'shop' }, spans }]);
    const { rollup } = makeAnalyser().analyse(request, 'otlp-protobuf', now);
    const findings = rollup.findings.filter((f) => f.kind === 'sensitive-key');
    expect(findings).toMatchObject([
      {
        detector: 'sensitive-key-identity',
        key: 'enduser.id',
        location: 'span',
        severity: 'low',
        occurrences: 3,
        mask: '',
      },
    ]);
  });

  test('every key that @sentry/conventions wants scrubbed without asking is known', () => {
    const { classes, freeText } = keys.document;
    const known = [...classes.flatMap((c) => c.keys), ...freeText];
    const isKnown = (key: string): boolean =>
      known.some((k) => k === key || (k.endsWith('.*') && key.startsWith(k.slice(0, -1))));
    const scrubbed = Object.entries(ATTRIBUTE_METADATA).filter(
      ([, { applyScrubbing }]) => applyScrubbing?.key === 'auto',
    );
    expect(scrubbed.length).toBeGreaterThan(100);
    expect(scrubbed.map(([key]) => key.replaceAll('<key>', '*')).filter((key) => !isKnown(key))).toEqual([]);
  });
});
