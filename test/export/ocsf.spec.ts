import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import standardWebhooks from 'standardwebhooks';
import type { FindingPage } from '../../src/edge/serve/contract.js';
import { type ExportedFinding, ocsfEvent } from '../../src/engine/export/ocsf.js';
import { FINDING_KINDS, SEVERITIES } from '../../src/engine/model/finding.js';
import { FINDING_STATES, FINDING_SUBSTATES, RESOLUTIONS } from '../../src/engine/model/finding-state.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, ROOT, type Service, startService } from '../support/service.js';

const MAIL = 'kestrel.vanbrugh@planted.test';
const TOKEN = 'ghp_Zq8LmW3xR7tB1vN5kC9dF2hJ6pS4yA0uEwGi';
const CARD = '4539578763621486';

interface Event {
  readonly class_uid: number;
  readonly activity_id: number;
  readonly status_id: number;
  readonly finding_info: { readonly uid: string };
}

const ajv = new Ajv({ allErrors: true, strict: false });
const SCHEMAS = new Map<number, ValidateFunction>([2003, 2006].map((id) => [id, schema(id)]));
let service: Service;

beforeAll(async () => {
  service = await startService({
    env: { SPANWARDEN_DELIVERY_NETWORKS: '127.0.0.0/8', SPANWARDEN_DELIVERY_RETRY_SECONDS: '1' },
  });
  const attributes = { 'app.card': CARD, 'app.contact': MAIL, 'app.auth': TOKEN, userId: 'x1', 'user.email': 'none' };
  await service.send(
    encodeRequest([{ resource: { 'service.name': 'web', team: 'front' }, spans: [{ name: 'charge', attributes }] }]),
  );
});

afterAll(async () => {
  await service?.stop();
});

function schema(id: number): ValidateFunction {
  return ajv.compile(
    JSON.parse(readFileSync(join(ROOT, 'test', 'export', 'schemas', `ocsf-${id}.schema.json`), 'utf8')) as object,
  );
}

function faults(event: unknown): unknown[] {
  const isValid = SCHEMAS.get((event as Event).class_uid)!;
  return isValid(event) ? [] : [isValid.errors, event];
}

async function events(query = ''): Promise<{ text: string; list: Event[] }> {
  const url = `${service.endpoints.http}/api/v1/findings.ocsf.jsonl?${query}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${service.adminToken}` } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/jsonl; charset=utf-8']);
  const text = await response.text();
  return { text, list: text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Event])) };
}

const FINDING: ExportedFinding = {
  ...{ id: 'f1', kind: 'pii', detector: 'email', detectorName: 'Mail address', family: 'contact', severity: 'high' },
  ...{ confidence: 'high', state: 'open', substate: 'new', resolution: null, resolvedAt: null },
  ...{ service: 'web', environment: '', team: '', location: 'span', key: 'app."x"', component: '', mask: 'a@b' },
  ...{ occurrences: 3, firstSeen: 1_790_000_000_000, lastSeen: 1_790_000_100_000, remedy: 'Remove it.' },
  ...{ references: [], traceId: '', spanId: '' },
};

test('every kind, severity and state gives a valid event', () => {
  const states = FINDING_STATES.flatMap((state): Partial<ExportedFinding>[] =>
    state === 'resolved'
      ? RESOLUTIONS.map((resolution) => ({ state, resolution, substate: null, resolvedAt: 1_790_000_200_000 }))
      : FINDING_SUBSTATES.map((substate) => ({ state, substate })),
  );
  const all = FINDING_KINDS.flatMap((kind) =>
    SEVERITIES.flatMap((severity) =>
      states.flatMap((state) =>
        (['high', 'other'] as const).map((confidence) =>
          ocsfEvent({ ...FINDING, kind, severity, confidence, ...state }, '1.0.0'),
        ),
      ),
    ),
  );
  expect(all.length).toBe(5 * 5 * (4 + 4 + 5) * 2);
  expect(all.flatMap(faults)).toEqual([]);
});

test('the schemas refuse what is not of their class', () => {
  const event = ocsfEvent(FINDING, '1.0.0') as unknown as Event & Record<string, unknown>;
  expect(faults({ ...event, class_uid: 2003 })).not.toEqual([]);
  expect(faults({ ...event, type_uid: 200602 })).not.toEqual([]);
  expect(faults({ ...event, severity_id: 0 })).not.toEqual([]);
  expect(faults({ ...event, data_security: { category_id: 1 } })).not.toEqual([]);
  const { metadata: _, ...without } = event;
  expect(faults(without)).not.toEqual([]);
});

test('the route gives every finding of the list, valid, with no value', async () => {
  const { body } = await service.api<FindingPage>('/api/v1/findings?limit=200');
  const { text, list } = await events();
  expect(list.flatMap(faults)).toEqual([]);
  expect(list.map((event) => event.finding_info.uid)).toEqual(body.data.map(({ id }) => id));
  expect(new Set(body.data.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(3);
  expect(new Set(list.map((event) => event.class_uid))).toEqual(new Set([2003, 2006]));
  for (const value of [MAIL, TOKEN, CARD]) expect(text).not.toContain(value);
  const naming = await events('kind=naming');
  expect(new Set(naming.list.map((event) => event.class_uid))).toEqual(new Set([2003]));
  expect((await service.api('/api/v1/findings.ocsf.jsonl?kind=nothing')).status).toBe(400);
});

test('a webhook gets findings as events, signed, some at a time, each once', async () => {
  const received: { headers: Record<string, string>; body: string }[] = [];
  let refusals = 1;
  const hooks = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      // The second message is refused once: what was taken before is not sent again.
      const isRefused = received.length === 1 && refusals-- > 0;
      if (!isRefused) {
        received.push({
          headers: request.headers as Record<string, string>,
          body: Buffer.concat(chunks).toString('utf8'),
        });
      }
      response.writeHead(isRefused ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', () => resolve()));
  try {
    const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/siem`;
    const rule = await service.api<{ id: string; secret: string }>('/api/v1/notification-rules', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ name: 'SIEM', events: ['finding_new'], min_severity: 'info', group_minutes: 0 },
        target: { channel: 'ocsf', url },
      }),
    });
    expect(rule.status).toBe(201);
    // Twelve more findings: two messages.
    const spans = Array.from({ length: 12 }, (_, i) => ({ attributes: { [`extra.${i}`]: `to ${MAIL}` } }));
    await service.send(encodeRequest([{ resource: { 'service.name': 'late' }, spans }]));
    const told = (): Event[] =>
      received.flatMap(({ body }) => (JSON.parse(body) as { data: { events: Event[] } }).data.events);
    await eventually(
      async () => told().filter(({ class_uid: uid }) => uid === 2006).length,
      (n) => n >= 12,
      90,
    );
    expect(told().flatMap(faults)).toEqual([]);
    expect(new Set(told().map(({ finding_info: { uid } }) => uid)).size).toBe(told().length);
    for (const { headers, body } of received) {
      expect(new standardWebhooks.Webhook(rule.body.secret).verify(body, headers)).toMatchObject({
        type: 'findings.ocsf',
      });
      expect(body.length).toBeLessThan(20_000);
      for (const value of [MAIL, TOKEN, CARD]) expect(body).not.toContain(value);
    }
    const deliveries = await service.api<{ data: { state: string }[] }>(
      `/api/v1/notification-rules/${rule.body.id}/deliveries`,
    );
    expect(deliveries.body.data.map(({ state }) => state)).toEqual(['sent']);
    await service.api(`/api/v1/notification-rules/${rule.body.id}`, { method: 'DELETE' });
  } finally {
    await new Promise<void>((resolve) => hooks.close(() => resolve()));
  }
}, 120_000);

test('a finding that is resolved is closed, one that is accepted is suppressed', async () => {
  const { list } = await events('kind=secret');
  const path = `/api/v1/findings/${list[0]!.finding_info.uid}`;
  const standing = async (body: object) => {
    const headers = { 'content-type': 'application/json' };
    expect((await service.api(path, { method: 'PATCH', headers, body: JSON.stringify(body) })).status).toBe(200);
    const [event] = (await events('kind=secret')).list;
    expect(faults(event)).toEqual([]);
    return [event!.activity_id, event!.status_id];
  };
  expect(await standing({ state: 'acknowledged' })).toEqual([2, 2]);
  expect(await standing({ state: 'resolved', resolution: 'false_positive' })).toEqual([3, 3]);
  expect(await standing({ state: 'resolved', resolution: 'fixed_at_source' })).toEqual([3, 4]);
});
