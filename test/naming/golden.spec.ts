import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { loadConventions, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { NAMING_LEVELS, type NamingFinding, type NamingLevel } from '../../src/engine/model/naming-finding.js';
import { checkAttributeName, violationsOf } from '../../src/engine/naming/attribute-rules.js';
import { ConventionRegistry } from '../../src/engine/naming/registry.js';
import { NAMING_RULES } from '../../src/engine/naming/rules.js';
import { ROOT } from '../support/service.js';

type Labels = Readonly<Partial<Record<NamingLevel, string>>>;

const golden = parse(readFileSync(join(ROOT, 'test', 'naming', 'golden.yaml'), 'utf8')) as Record<string, Labels>;
const registry = new ConventionRegistry(loadConventions(RULES_DIR, []).conventions);

/** `near_miss → user.id missing_namespace` in the form of the file, with the rules in order. */
function labels(findings: readonly NamingFinding[]): Labels {
  const of = (level: NamingLevel): string =>
    findings
      .filter((finding) => finding.level === level)
      .map(({ id, context: c }) => {
        const instead = c.renamed_to ?? c.split_into?.replaceAll(', ', ' + ') ?? c.did_you_mean;
        return instead === undefined ? id : `${id} → ${instead}`;
      })
      .join(' ');
  return sorted(Object.fromEntries(NAMING_LEVELS.map((level) => [level, of(level)])));
}

/** Without empty levels, and without an order of the rules of one level. */
function sorted(given: Labels): Labels {
  const words = (text: string): string => (text.match(/\w+(?: → \S+(?: \+ \S+)*)?/g) ?? []).sort().join(' ');
  return Object.fromEntries(
    Object.entries(given).flatMap(([level, text]) => (text === '' ? [] : [[level, words(text)]])),
  );
}

describe('the golden set of attribute keys', () => {
  test('has enough of them', () => {
    expect(Object.keys(golden).length).toBeGreaterThanOrEqual(100);
  });

  test.each(Object.entries(golden))('%s', (key, expected) => {
    expect(labels(checkAttributeName(key, registry))).toEqual(sorted(expected));
  });

  test('findings have the key in their context, what varies in the message, and a rule with a text', () => {
    const rules = new Map(NAMING_RULES.map((rule) => [rule.id, rule]));
    for (const key of Object.keys(golden)) {
      for (const { id, level, message, context } of checkAttributeName(key, registry)) {
        expect(context.attribute_key).toBe(key);
        expect(message).toContain(key);
        expect(message).toMatch(/^Attribute .*[.?]$/);
        const rule = rules.get(id);
        expect([id, NAMING_LEVELS.indexOf(rule!.level) <= NAMING_LEVELS.indexOf(level)]).toEqual([id, true]);
      }
    }
  });

  test('violations alone are the same violations', () => {
    for (const key of Object.keys(golden)) {
      const all = checkAttributeName(key, registry).filter(({ level }) => level === 'violation');
      expect(violationsOf(key, registry)).toEqual(all);
    }
  });

  test('no name of a registry gets another suggested, and every name a typing error leads to is in use', () => {
    const names = registry.documents.flatMap(({ attributes }) => Object.keys(attributes));
    for (const name of names) {
      const key = name.replace(/\*$/, 'x');
      expect(checkAttributeName(key, registry).filter(({ id }) => id === 'near_miss')).toEqual([]);
      const meant = registry.nearMiss(`${key.slice(0, -2)}${key.at(-1)}${key.at(-2)}`);
      if (meant === undefined) continue;
      const reason = registry.find(meant)?.attribute.deprecated?.reason ?? 'moved';
      expect([meant, reason]).toEqual([meant, 'moved']);
    }
  });
});
