import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { NewAccessToken, Policy } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { decodeAnswer, encodeMessage, type TestMessage, uid } from '../support/opamp.js';
import { type Service, startService } from '../support/service.js';
import { nameless, paleTexts, tableFaults } from './accessibility.js';
import { launchBrowser, MISSING_BROWSER, openPage, settled, signIn, visit } from './browser.js';

/* Collectors as they say of themselves what they have, on the page; each test goes on where the one before stopped. */

const JSON_BODY = { 'content-type': 'application/json' };
const OPAMP_ID = '01020304-0506-7008-800a-0b0c0d0e0f01';

let service: Service;
let browser: Browser;
let page: Page;
let errors: string[];

const table = () => page.getByRole('table', { name: 'Collectors' });
const row = (id: string) => table().getByRole('row').filter({ hasText: id });
const dialog = () => page.getByRole('dialog');

/** Pulls the policies as a collector; gives the hash of what it got. */
async function pull(query: string): Promise<string> {
  const { text } = await service.api<string>(`/api/v1/policy-sets/default/collector.yaml?${query}`);
  return hash('sha256', text, 'hex');
}

async function report(id: string, body: object): Promise<void> {
  const init = { method: 'PUT', headers: JSON_BODY, body: JSON.stringify({ interval_seconds: 3_600, ...body }) };
  expect((await service.api(`/api/v1/collectors/${id}/status`, init)).status).toBe(204);
}

/** A collector under OpAMP over HTTP says something; gives the hash of what it is offered. */
async function say(sequenceNum: number, message: TestMessage): Promise<string> {
  const response = await fetch(service.endpoints.opamp!, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(encodeMessage({ instanceUid: uid(1), sequenceNum, ...message })),
  });
  expect(response.status).toBe(200);
  const { remoteConfig } = decodeAnswer(new Uint8Array(await response.arrayBuffer()));
  return remoteConfig === null ? '' : Buffer.from(remoteConfig.configHash).toString('hex');
}

async function expectAccessible(): Promise<void> {
  expect(await nameless(page)).toEqual([]);
  expect(await tableFaults(page)).toEqual([]);
  expect(await paleTexts(page)).toEqual([]);
  const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
  expect(overflow).toBe(0);
}

describeWith('collectors on their page', MISSING_BROWSER, () => {
  beforeAll(async () => {
    service = await startService();
    browser = await launchBrowser();
    ({ page, errors } = await openPage(browser, { reducedMotion: 'reduce' }));
    await signIn(page, service);
    const policy = {
      ...{ title: 'Mask notes', location: 'span', key: 'app.note', services: ['web'] },
      action: { kind: 'mask-value' },
    };
    const init = { method: 'POST', headers: JSON_BODY };
    const { body } = await service.api<Policy>('/api/v1/policies', { ...init, body: JSON.stringify(policy) });
    const step = (name: string, fields: object) =>
      service.api(`/api/v1/policies/${body.id}/${name}`, { ...init, body: JSON.stringify(fields) });
    expect((await step('approve', {})).status).toBe(200);
    // Or else a collector that fails would take the policy from all the others.
    expect((await step('pause', { reason: 'a test' })).status).toBe(200);
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  afterEach(() => {
    expect(errors.splice(0)).toEqual([]);
  });

  test('without collectors the page says how to connect one, with the addresses as they are', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Collectors' }).click();
    await page.getByText('No collector has asked for policies yet').waitFor();
    const code = (name: string) => page.getByRole('region', { name }).innerText();
    expect(await code("Slots in the collector's own configuration")).toContain('transform/spanwarden');
    expect(await code('Agent and collector')).toContain(`--url ${service.endpoints.http} `);
    await page.getByRole('tab', { name: 'OpAMP supervisor' }).click();
    const opamp = service.endpoints.opamp!.replace('http', 'ws');
    expect(await code('Configuration of the OpAMP supervisor')).toContain(`endpoint: ${opamp}\n`);
    await page.getByRole('tab', { name: 'By itself' }).click();
    expect(await code('Start of the collector')).toContain('/api/v1/policy-sets/default/collector.yaml?collector=');
    await expectAccessible();
  });

  test('collectors appear by themselves, with what became of their policies', async () => {
    const wanted = await pull('collector=gw-1&label=region=eu&label=stage=canary');
    const labels = { region: 'eu', stage: 'canary' };
    await report('gw-1', { status: 'applied', hash: wanted, version: '0.159.0', labels });
    await pull('collector=gw-2&label=region=us');
    const error = 'processors::transform/spanwarden: unknown function';
    await report('gw-2', { status: 'failed', hash: wanted, error, version: '0.130.0', labels: { region: 'us' } });
    await pull('collector=batch-7');
    await row('gw-1').waitFor();
    expect(await row('gw-1').innerText()).toMatch(
      /region=eu\s+stage=canary.*0\.159\.0.*agent.*default.*✓ applied.*✓ up to date/s,
    );
    await row('gw-2').getByText('✕ failed').waitFor();
    expect(await row('gw-2').innerText()).toContain('unknown function');
    await row('batch-7').waitFor();
    expect(await row('batch-7').innerText()).toMatch(/pulls by itself.*nothing yet.*does not say/s);
  });

  test('one under OpAMP has health, and its drift by slot', async () => {
    const offered = await say(1, { labels: { 'service.name': 'otelcol', region: 'eu' }, health: { healthy: true } });
    expect(offered).toMatch(/^[0-9a-f]{64}$/);
    await say(2, {
      report: { hash: offered, status: 'applied' },
      effective: 'processors: {batch: {}}\nservice: {pipelines: {traces: {processors: [batch]}}}\n',
      health: { healthy: false, lastError: 'exporter refuses', status: 'StatusRecoverableError' },
      components: { processors: ['transform'] },
    });
    await row(OPAMP_ID).waitFor();
    await row(OPAMP_ID).getByText('✕ not healthy').waitFor();
    expect(await row(OPAMP_ID).innerText()).toMatch(
      /OpAMP, HTTP.*✓ applied.*transform\/spanwarden.*! missing.*StatusRecoverableError: exporter refuses/s,
    );
    await expectAccessible();
  });

  test('filters stay in the address, and go into the CSV', async () => {
    for (const [filter, option, query, left] of [
      ['Status', 'Failed', 'status=failed', 'gw-2'],
      ['Drift', 'Drifted', 'drifted=true', OPAMP_ID],
      ['By', 'Pull', 'kind=pull', 'batch-7'],
      ['Label', 'stage=canary', 'label=stage%3Dcanary', 'gw-1'],
    ] as const) {
      await visit(page, service, '/collectors');
      await page.getByRole('combobox', { name: filter, exact: true }).click();
      await page.getByRole('option', { name: option, exact: true }).click();
      await settled(page);
      await page.getByText('1 collector in all').waitFor();
      expect(page.url()).toContain(`/ui/collectors?${query}`);
      await row(left).waitFor();
    }
    const href = await page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href');
    const csv = await (await page.request.get(service.endpoints.http + href)).text();
    expect(
      csv
        .trim()
        .split('\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['id', 'gw-1']);
  });

  test('the details of one have its history, by keyboard, and stay in the address', async () => {
    await visit(page, service, '/collectors?status=failed');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await dialog().getByText('What it said of configurations').waitFor();
    expect(page.url()).toContain('/ui/collectors?status=failed&id=gw-2');
    const history = dialog().getByRole('table', { name: 'History of configurations' });
    expect(await history.locator('tbody').innerText()).toMatch(/✕ failed.*unknown function/s);
    await expectAccessible();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(page.url()).toMatch(/status=failed$/);
    const focused = await page.locator(':focus').innerText();
    expect(focused).toBe('gw-2');
  });

  test('one is forgotten after asking once more', async () => {
    await visit(page, service, '/collectors?id=gw-2');
    await dialog()
      .getByRole('button', { name: /^Forget this collector/ })
      .click();
    await dialog().getByText('It leaves the list').waitFor();
    await expectAccessible();
    await dialog().getByRole('button', { name: 'Forget it', exact: true }).click();
    await page.getByText('✓ The collector gw-2 is forgotten.').waitFor();
    await row('gw-2').waitFor({ state: 'detached' });
    expect((await service.api('/api/v1/collectors/gw-2')).status).toBe(404);
  });

  test('who may only read is told who can forget', async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const viewer = { subject: 'vera', roles: ['viewer'], expires_at };
    const init = { method: 'POST', headers: JSON_BODY, body: JSON.stringify(viewer) };
    const { secret } = (await service.api<NewAccessToken>('/api/v1/tokens', init)).body;
    const other = await openPage(browser, { colorScheme: 'dark', viewport: { width: 480, height: 900 } });
    await signIn(other.page, service, '/collectors', secret);
    await other.page.getByRole('link', { name: 'gw-1' }).click();
    await other.page.getByText('Forgetting a collector that is gone takes the role editor').waitFor();
    expect(await other.page.getByRole('button', { name: /^Forget/ }).count()).toBe(0);
    expect(await nameless(other.page)).toEqual([]);
    expect(await paleTexts(other.page)).toEqual([]);
    expect(other.errors).toEqual([]);
    await other.page.context().close();
  });
});
