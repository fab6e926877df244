import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import standardWebhooks from 'standardwebhooks';
import { freePort } from '../../src/edge/ports.js';
import { encodeRequest } from '../support/otlp.js';
import { breaches, mail, plant } from '../support/planted.js';
import { eventually, type Service, startService } from '../support/service.js';

/* Notifications on their way to a real mail server and real receivers: one message of each thing that happens. */

interface Hook {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
type Row = Readonly<Record<string, unknown>>;

let service: Service;
let smtp: SMTPServer;
let hooks: Server;
let hookUrl = '';
const mails: ParsedMail[] = [];
const received: Hook[] = [];

const json = (method: string, body: unknown, headers: object = {}) => ({
  method,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const ADDRESS = '/api/v1/notification-rules';
const secrets = { routing_key: 'k'.repeat(32), token: 'the-token-of-jira' };

async function addRule(target: object, over: object = {}): Promise<Row> {
  const body = { name: 'Someone', min_severity: 'info', group_minutes: 0, target, ...over };
  const answer = await service.api<Row>(ADDRESS, json('POST', body));
  expect({ status: answer.status, text: answer.status === 201 ? '' : answer.text }).toEqual({ status: 201, text: '' });
  return answer.body;
}

/** Sends a span that holds an address. */
async function leak(serviceName: string): Promise<void> {
  const spans = [{ start: Date.now(), attributes: { note: `to ${plant(mail)}` } }];
  await service.send(encodeRequest([{ resource: { 'service.name': serviceName }, spans }]));
}

const at = (path: string): Hook[] => received.filter((hook) => hook.path === path);
const bodyOf = (hook: Hook): Row => JSON.parse(hook.body) as Row;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  hooks = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      received.push({ path: request.url!, headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', () => resolve()));
  hookUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`;
  const smtpPort = await freePort();
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      simpleParser(stream).then((parsed) => {
        mails.push(parsed);
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => smtp.listen(smtpPort, '127.0.0.1', () => resolve()));
  service = await startService({
    env: {
      SPANWARDEN_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      SPANWARDEN_DELIVERY_NETWORKS: '127.0.0.0/8',
      SPANWARDEN_DELIVERY_RETRY_SECONDS: '1',
    },
  });
});

afterAll(async () => {
  await service?.stop();
  await new Promise<void>((resolve) => hooks.close(() => resolve()));
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

test('a new finding makes one message, the same again none, and one that is back another', async () => {
  const byHook = await addRule({ channel: 'webhook', url: `${hookUrl}/hook` });
  await addRule({ channel: 'mail', to: ['lead@shop.example'] });
  await addRule({ channel: 'slack', url: `${hookUrl}/slack` });
  await addRule({ channel: 'pagerduty', url: `${hookUrl}/v2/enqueue`, routing_key: secrets.routing_key });
  const jira = { url: hookUrl, user: 'bot@shop.example', token: secrets.token, project: 'OPS' };
  await addRule({ channel: 'jira', ...jira });
  await addRule({ channel: 'slack', url: `${hookUrl}/other` }, { service: 'another' });
  const quiet = await addRule({ channel: 'slack', url: `${hookUrl}/quiet` });
  await service.api(`${ADDRESS}/${quiet.id as string}/quiet`, json('POST', { minutes: 60 }));
  const paths = ['/hook', '/slack', '/v2/enqueue', '/rest/api/3/issue'];
  const counts = () => [...paths.map((path) => at(path).length), mails.length];

  await leak('web');
  await eventually(
    async () => counts(),
    (all) => all.every((n) => n === 1),
    90,
  );
  const { data } = (await service.api<{ data: Row[] }>('/api/v1/findings?service=web&kind=pii')).body;
  expect(data).toHaveLength(1);
  const [finding] = data;
  const link = `/ui/findings/${finding!.id as string}`;

  const event = new standardWebhooks.Webhook(byHook.secret as string).verify(
    at('/hook')[0]!.body,
    at('/hook')[0]!.headers,
  );
  expect(event).toMatchObject({
    type: 'notification',
    data: {
      urgency: 'ticket',
      count: 1,
      events: [{ type: 'finding_new', finding_id: finding!.id, link: expect.stringContaining(link) }],
    },
  });
  expect(mails[0]!.text).toContain(link);
  expect(at('/slack')[0]!.body).toContain(link);
  expect(bodyOf(at('/v2/enqueue')[0]!)).toMatchObject({
    routing_key: secrets.routing_key,
    links: [{ href: expect.stringContaining(link) }],
  });
  const basic = `Basic ${Buffer.from(`bot@shop.example:${secrets.token}`).toString('base64')}`;
  expect(at('/rest/api/3/issue')[0]!.headers.authorization).toBe(basic);
  expect(at('/rest/api/3/issue')[0]!.body).toContain(link);

  // The same again: another look at the rules, and nothing.
  await leak('web');
  await pause(35_000);
  expect(counts()).toEqual([1, 1, 1, 1, 1]);

  // Accepted for a second, then seen again.
  const expires = new Date(Date.now() + 1_000).toISOString();
  const change = { state: 'resolved', resolution: 'wont_fix', expires, comment: 'for a moment' };
  const path = `/api/v1/findings/${finding!.id as string}`;
  const etag = (await service.api(path)).headers.get('etag')!;
  expect((await service.api(path, json('PATCH', change, { 'if-match': etag }))).status).toBe(200);
  await pause(1_100);
  await leak('web');
  await eventually(
    async () => counts(),
    (all) => all.every((n) => n === 2),
    90,
  );
  expect(bodyOf(at('/hook')[1]!)).toMatchObject({
    data: { events: [{ type: 'finding_regressed', link: expect.stringContaining(link) }] },
  });
  expect([at('/other'), at('/quiet')]).toEqual([[], []]);

  // What was held back comes when the quiet ends.
  await service.api(`${ADDRESS}/${quiet.id as string}/quiet`, json('POST', { minutes: 0 }));
  await eventually(
    async () => at('/quiet').length,
    (n) => n === 1,
    90,
  );
  const page = await service.api<{ data: Row[] }>(`${ADDRESS}/${byHook.id as string}/deliveries`);
  expect(page.body.data.map(({ state, attempts }) => [state, attempts])).toEqual([
    ['sent', 1],
    ['sent', 1],
  ]);
  expect(breaches('messages', JSON.stringify([received, mails]))).toEqual([]);
}, 300_000);

test('what is not public is not reached, and targets are not shown again', async () => {
  const rule = await addRule({ channel: 'slack', url: 'https://169.254.169.254/latest' });
  await leak('inner');
  const address = `${ADDRESS}/${rule.id as string}`;
  const found = async () => (await service.api<{ data: Row[] }>(`${address}/deliveries`)).body.data;
  const [delivery] = await eventually(found, ([first]) => first?.state === 'failed', 90);
  expect(delivery).toMatchObject({ attempts: 1, error: expect.stringContaining('may not be reached') });
  const shown = (await service.api(`${ADDRESS}?limit=200`)).text;
  for (const secret of [secrets.routing_key, secrets.token, 'latest']) expect(shown).not.toContain(secret);
  expect((await service.api(address, { method: 'DELETE' })).status).toBe(204);
  expect((await service.api(address)).status).toBe(404);
}, 120_000);

test('a rule that cannot be is refused with every problem, and without its values', async () => {
  const target = { channel: 'mail', to: [plant(mail), 'nobody'] };
  const body = { name: '', events: ['everything'], group_minutes: -1, page_from: 'worst', target };
  const answer = await service.api<{ errors: { where: string }[] }>(ADDRESS, json('POST', body));
  expect(answer.status).toBe(400);
  expect(answer.body.errors.map(({ where }) => where).sort()).toEqual([
    'body.events.0',
    'body.group_minutes',
    'body.name',
    'body.page_from',
    'body.target.to.1',
  ]);
  expect(breaches('answer', answer.text)).toEqual([]);
});
