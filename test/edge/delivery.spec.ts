import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import standardWebhooks from 'standardwebhooks';
import { Sealing } from '../../src/edge/auth/sealing.js';
import { AddressPolicy } from '../../src/edge/deliver/addresses.js';
import { post } from '../../src/edge/deliver/post.js';
import { freePort } from '../../src/edge/ports.js';
import { encodeRequest } from '../support/otlp.js';
import { breaches, leaky, mail, plant } from '../support/planted.js';
import { eventually, type Service, startService } from '../support/service.js';

/*
 * Reports on their way: a real mail server, real receivers of webhooks, and what becomes of a delivery when they are not
 * there.
 */

interface Hook {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
interface Delivery {
  readonly id: string;
  readonly report_id: string | null;
  readonly state: string;
  readonly attempts: number;
  readonly error: string | null;
}
type Row = Readonly<Record<string, unknown>>;

let service: Service;
let smtp: SMTPServer;
let smtpPort = 0;
let hooks: Server;
let hookUrl = '';
const mails: ParsedMail[] = [];
const received: Hook[] = [];
/** Statuses that paths answer, in turn; 204 after the last. */
const answers = new Map<string, number[]>();

const json = (method: string, body: unknown) => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function subscribe(target: object, over: object = {}): Promise<Row> {
  const body = { name: 'Someone', audience: 'security', target, ...over };
  const answer = await service.api<Row>('/api/v1/subscriptions', json('POST', body));
  expect({ status: answer.status, text: answer.status === 201 ? '' : answer.text }).toEqual({ status: 201, text: '' });
  return answer.body;
}

async function deliveries(subscription: Row): Promise<readonly Delivery[]> {
  const page = await service.api<{ data: Delivery[] }>(`/api/v1/subscriptions/${subscription.id as string}/deliveries`);
  return page.body.data;
}

async function deliverTest(subscription: Row, holds: (d: Delivery) => boolean): Promise<Delivery> {
  const { body } = await service.api<Delivery>(`/api/v1/subscriptions/${subscription.id as string}/test`, {
    method: 'POST',
  });
  const found = async () => (await deliveries(subscription)).find(({ id }) => id === body.id)!;
  return eventually(found, holds, 30);
}

const isDone = ({ state }: Delivery): boolean => state !== 'pending';

function startSmtp(): Promise<void> {
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
  return new Promise((resolve) => smtp.listen(smtpPort, '127.0.0.1', () => resolve()));
}

beforeAll(async () => {
  hooks = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url!;
      received.push({
        path,
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      const status = answers.get(path)?.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('not to be kept');
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', () => resolve()));
  hookUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`;
  smtpPort = await freePort();
  service = await startService({
    env: {
      SPANWARDEN_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      SPANWARDEN_MAIL_FROM: 'spanwarden@shop.example',
      SPANWARDEN_DELIVERY_NETWORKS: '127.0.0.0/8',
      SPANWARDEN_DELIVERY_RETRY_SECONDS: '1',
      // Every minute, so that reports come by themselves while the test waits.
      SPANWARDEN_WEEKLY_REPORT: '* * * * *',
    },
  });
  for (const make of [mail]) await service.send(encodeRequest(leaky(make)));
});

afterAll(async () => {
  await service?.stop();
  await new Promise<void>((resolve) => hooks.close(() => resolve()));
  await new Promise<void>((resolve) => (smtp === undefined ? resolve() : smtp.close(() => resolve())));
});

test('a weekly report goes out by mail, Slack and webhook by itself, once, after receivers that were away came back', async () => {
  answers.set('/hook', [500]);
  const byMail = await subscribe({ channel: 'mail', to: ['lead@shop.example', 'ciso@shop.example'] });
  const byHook = await subscribe({ channel: 'webhook', url: `${hookUrl}/hook` }, { audience: 'executive' });
  const bySlack = await subscribe({ channel: 'slack', url: `${hookUrl}/slack` }, { audience: 'team-lead' });
  // The mail server is not there yet: it is told, and tried again.
  const waiting = await eventually(
    () => deliveries(byMail),
    ([first]) => (first?.attempts ?? 0) > 0,
    90,
  );
  expect(waiting[0]).toMatchObject({ state: 'pending', error: expect.stringMatching(/cannot be reached \(\w+\)/) });
  await startSmtp();
  for (const subscription of [byMail, byHook, bySlack]) {
    await eventually(
      () => deliveries(subscription),
      ([first]) => first?.state === 'sent',
      30,
    );
  }
  // Many runs of the schedule later there is still one delivery of the week.
  for (const subscription of [byMail, byHook, bySlack]) expect(await deliveries(subscription)).toHaveLength(1);
  expect(mails).toHaveLength(1);
  expect(received.filter(({ path }) => path === '/hook')).toHaveLength(2);
  expect((await deliveries(byHook))[0]).toMatchObject({ state: 'sent', attempts: 2, error: null });

  const [message] = mails;
  expect(message!.subject).toMatch(/^Weekly report for security: \d{4}-\d{2}-\d{2} to /);
  expect(message!.messageId).toBe(`<${(await deliveries(byMail))[0]!.id}@spanwarden>`);
  expect(message!.html).toContain('<!doctype html>');
  expect(message!.text).toContain('SHA-256');
  expect(message!.attachments.map(({ contentType }) => contentType).sort()).toEqual(['application/pdf', 'text/csv']);
  expect(
    message!.attachments
      .find(({ contentType }) => contentType === 'application/pdf')!
      .content.subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');

  const hook = received.filter(({ path }) => path === '/hook').at(-1)!;
  const event = new standardWebhooks.Webhook(byHook.secret as string).verify(hook.body, hook.headers) as Row;
  expect(event).toMatchObject({ type: 'report.ready', data: { audience: 'executive', edition: 'weekly' } });
  expect(hook.body.length).toBeLessThan(20_000);
  expect(() =>
    new standardWebhooks.Webhook(byHook.secret as string).verify(hook.body.replace('weekly', 'yearly'), hook.headers),
  ).toThrow();
  const slack = JSON.parse(received.find(({ path }) => path === '/slack')!.body) as { blocks: unknown[] };
  expect(slack.blocks.length).toBeGreaterThan(0);
}, 150_000);

describe('deliveries that fail', () => {
  test('a redirect is a failure and is not followed; 410 disables the subscription until it is changed', async () => {
    answers.set('/moved', [302]);
    answers.set('/gone', [410]);
    const moved = await subscribe({ channel: 'webhook', url: `${hookUrl}/moved` }, { editions: ['quarterly'] });
    expect(await deliverTest(moved, ({ attempts }) => attempts > 0)).toMatchObject({
      state: 'pending',
      error: 'answered 302',
    });
    expect(received.some(({ path }) => path === '/elsewhere')).toBe(false);
    const gone = await subscribe({ channel: 'webhook', url: `${hookUrl}/gone` }, { editions: ['quarterly'] });
    expect(await deliverTest(gone, isDone)).toMatchObject({ state: 'failed', attempts: 1 });
    const address = `/api/v1/subscriptions/${gone.id as string}`;
    expect((await service.api<Row>(address)).body.disabled).toContain('410');
    expect((await service.api<Row>(address, json('PATCH', { name: 'Again' }))).body.disabled).toBeNull();
    expect(await deliverTest(gone, isDone)).toMatchObject({ state: 'sent' });
  }, 60_000);

  test.each([
    'http://10.1.2.3/',
    'https://192.168.1.1/',
    'http://169.254.169.254/latest',
    'http://[::1]:9/',
    'http://example.com@10.0.0.1/',
  ])(
    'what is not public is not reached: %s',
    async (url) => {
      const subscription = await subscribe({ channel: 'slack', url }, { editions: ['quarterly'] });
      expect(await deliverTest(subscription, isDone)).toMatchObject({ state: 'failed', attempts: 1 });
    },
    60_000,
  );
});

test('secrets and addresses are not shown again, not even where they rest', async () => {
  const secret = `whsec_${Buffer.from('a secret of thirty-two bytes, no').toString('base64')}`;
  const made = await subscribe(
    { channel: 'webhook', url: `${hookUrl}/hidden-path`, secret },
    { editions: ['quarterly'] },
  );
  expect(made).toMatchObject({ secret: null, to: [new URL(hookUrl).host] });
  const shown = await service.api('/api/v1/subscriptions?limit=200');
  expect(shown.text).not.toContain('hidden-path');
  expect(shown.text).not.toContain(secret);
});

test('a subscription that cannot be is refused with every problem, and without its values', async () => {
  const body = {
    name: '',
    audience: 'everyone',
    time_zone: 'Mars/Base',
    target: { channel: 'mail', to: [plant(mail), 'nobody'] },
  };
  const answer = await service.api<{ errors: { where: string }[] }>('/api/v1/subscriptions', json('POST', body));
  expect(answer.status).toBe(400);
  expect(answer.body.errors.map(({ where }) => where).sort()).toEqual([
    'body.audience',
    'body.name',
    'body.target.to.1',
    'body.time_zone',
  ]);
  expect(breaches('answer', answer.text)).toEqual([]);
});

test('a removed subscription is gone with its deliveries', async () => {
  const { id } = await subscribe({ channel: 'slack', url: `${hookUrl}/slack` }, { editions: ['quarterly'] });
  const address = `/api/v1/subscriptions/${id as string}`;
  expect((await service.api(address, { method: 'DELETE' })).status).toBe(204);
  expect((await service.api(address)).status).toBe(404);
  expect((await service.api(`${address}/deliveries`)).status).toBe(404);
});

test('no planted value is in a mail or a webhook', () => {
  const said = [
    ...received.map(({ body }) => body),
    ...mails.flatMap((m) => [m.text ?? '', String(m.html), ...m.attachments.map(({ content }) => content)]),
  ];
  expect(said.length).toBeGreaterThan(5);
  expect(said.flatMap((text) => breaches('delivery', text))).toEqual([]);
});

describe('addresses', () => {
  const policy = new AddressPolicy(['10.9.0.0/16', 'fd00:1::/32']);
  test.each([
    ['93.184.215.14', true, true],
    ['93.184.215.14', false, false],
    ['10.9.1.1', false, true],
    ['::ffff:10.9.1.1', true, true],
    ['10.8.1.1', true, false],
    ['127.0.0.1', true, false],
    ['169.254.169.254', true, false],
    ['100.100.100.200', true, false],
    ['192.0.0.192', true, false],
    ['0.0.0.0', true, false],
    ['::ffff:127.0.0.1', true, false],
    ['64:ff9b::7f00:1', true, false],
    ['2002:7f00:1::', true, false],
    ['fe80::1', true, false],
    ['fd00:ec2::254', true, false],
    ['fd00:1::5', false, true],
    ['2606:4700::6810:84e5', true, true],
    ['not an address', true, false],
  ])('%s, over TLS %s: %s', (address, isTls, may) => {
    expect(policy.mayReach(address, isTls)).toBe(may);
  });

  test('a name is judged by what it resolves to when it is connected to', async () => {
    const { port } = new URL(hookUrl);
    const before = received.length;
    const outcome = await post(`http://localhost:${port}/by-name`, '{}', {}, new AddressPolicy([]));
    expect(outcome).toMatchObject({ kind: 'never' });
    expect(received.length).toBe(before);
    expect(
      await post(`http://localhost:${port}/by-name`, '{}', {}, new AddressPolicy(['127.0.0.0/8', '::1/128'])),
    ).toEqual({ kind: 'sent' });
  });

  test('a receiver that says nothing is given up', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    expect(await post(url, '{}', {}, new AddressPolicy(['127.0.0.0/8']), 200)).toEqual({
      kind: 'later',
      error: 'no answer within 0.2 s',
    });
    silent.closeAllConnections();
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  });
});

test('what is sealed opens for its owner, unchanged, and for nobody else', () => {
  const sealing = new Sealing(new Uint8Array(32).fill(1));
  const sealed = sealing.seal('the target', 'me');
  expect(sealed.toString('latin1')).not.toContain('target');
  expect(sealing.open(sealed, 'me')).toBe('the target');
  expect(() => sealing.open(sealed, 'you')).toThrow();
  expect(() => new Sealing(new Uint8Array(32)).open(sealed, 'me')).toThrow();
  sealed[sealed.length - 1]! ^= 1;
  expect(() => sealing.open(sealed, 'me')).toThrow();
});
