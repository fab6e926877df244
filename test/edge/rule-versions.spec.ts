import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresReportFactStore } from '../../src/edge/store/report-fact-store.js';
import { PostgresRuleVersionStore } from '../../src/edge/store/rule-version-store.js';
import { newHome } from '../support/service.js';

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  await migrate(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('rules that came or changed are told apart, with the findings that are new because of them', async () => {
  const rules = new PostgresRuleVersionStore(dataSource);
  const facts = new PostgresReportFactStore(dataSource);
  const window = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000) };
  const finding = (id: number, detector: string, seen = new Date()) =>
    dataSource.query(
      `INSERT INTO finding (tenant_id, dist_key, id, kind, detector, family, severity, detector_severity, confidence, service,
         environment, location, key, component, mask, occurrences, first_seen, last_seen, fingerprints, trace_id, span_id)
       VALUES ('default', 1, md5($1)::uuid, 'pii', $2, 'contact', 'high', 'high', 'high', 'web', '', 'span', $1, '', '', 1, $3, $3, '{}', '', '')`,
      [`key ${id}`, detector, seen],
    );
  const versions = { email: 'a', phone: 'a', card: 'a' };
  await rules.record('default', new Map(Object.entries(versions)));
  await finding(1, 'email');
  // The first look says nothing of what came before it.
  expect(await facts.ruleChanges('default', window)).toEqual({ rules: [], fresh: [] });
  await rules.record('default', new Map(Object.entries({ ...versions, email: 'b', iban: 'a' })));
  await finding(2, 'email');
  await finding(3, 'iban');
  await finding(4, 'card');
  await finding(5, 'iban', new Date(window.from.getTime() - 1));
  expect(await facts.ruleChanges('default', window)).toEqual({
    rules: ['email', 'iban'],
    fresh: [{ service: 'web', count: 2 }],
  });
  // The same again changes nothing; one that goes and comes back is another.
  await rules.record('default', new Map(Object.entries({ ...versions, email: 'b', iban: 'a' })));
  expect((await facts.ruleChanges('default', window)).rules).toEqual(['email', 'iban']);
  await rules.record('default', new Map(Object.entries({ email: 'b', iban: 'a', card: 'a' })));
  await rules.record('default', new Map(Object.entries({ ...versions, email: 'b', iban: 'a' })));
  expect((await facts.ruleChanges('default', window)).rules).toEqual(['email', 'iban', 'phone']);
});
