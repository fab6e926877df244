import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { PolicyPage } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { eventually, type Service, startService } from '../support/service.js';
import { launchBrowser, MISSING_BROWSER, openPage, settled, signIn, visit } from './browser.js';
import { cardsOf, firstSpans, HOSTILE_KEY, PLANTED } from './telemetry.js';

/*
 * A person's way through the pages, in order: an empty service, spans that come in, findings, policies, reports. Each
 * test goes on where the one before stopped.
 */

let service: Service;
let browser: Browser;
let page: Page;
let errors: string[];

const row = (text: string | RegExp) => page.getByRole('row').filter({ hasText: text });
const policyCard = (text: string) => page.getByRole('article').filter({ hasText: text });

async function policyFor(key: string) {
  const list = () => service.api<PolicyPage>('/api/v1/policies?limit=200');
  const { body } = await eventually(list, (answer) => answer.body.data.some((policy) => policy.key === key));
  return body.data.find((policy) => policy.key === key)!;
}

async function choose(filter: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: filter, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
  await settled(page);
}

async function openApproval(title: string): Promise<void> {
  await policyCard(title)
    .getByRole('button', { name: /^Approve/ })
    .click();
  await page.getByRole('dialog').getByText('With their next pull').waitFor();
}

async function confirmApproval(): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
}

describeWith('the walk through the pages', MISSING_BROWSER, () => {
  beforeAll(async () => {
    service = await startService();
    browser = await launchBrowser();
    ({ page, errors } = await openPage(browser));
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  afterEach(async () => {
    const html = await page.content();
    const found = Object.values(PLANTED).filter(
      (value) => html.includes(value) || html.includes(encodeURIComponent(value)),
    );
    expect(found).toEqual([]);
    expect(errors.splice(0)).toEqual([]);
  });

  test('the sign-in link opens a session, and its token leaves the address at once', async () => {
    await page.goto(service.signInUrl);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(page.url()).toBe(`${service.endpoints.http}/ui/`);
    await page.goBack();
    expect(page.url()).not.toContain('#');
    await visit(page, service, '/');
  });

  test('without spans the overview says how to send some', async () => {
    const code = await page.getByRole('region', { name: 'Collector configuration' }).innerText();
    expect(code).toContain(`endpoint: ${service.endpoints.otlpHttp}`);
    expect(await page.getByText('npm run demo').count()).toBe(1);
    for (const [path, text] of [
      ['/findings', 'No spans have come in yet'],
      ['/attributes', 'No attributes in the last 7 days'],
      ['/span-names', 'No spans in the last 7 days'],
      ['/quality', 'No traces in the last 7 days'],
      ['/cost', 'No spans in the last 7 days'],
      ['/policies', 'No policy waits for approval'],
      ['/collectors', 'No collector has asked for policies yet'],
      ['/reports', 'No reports yet'],
      ['/rules', 'Nothing is excluded'],
      ['/audit', 'Is it whole?'],
      ['/access', 'Everybody is admin so far'],
    ] as const) {
      await visit(page, service, path);
      await page.getByText(text).waitFor();
    }
  });

  test('the first spans appear on the overview by themselves', async () => {
    await visit(page, service, '/');
    expect((await service.send(firstSpans())).status).toBe(200);
    await page.getByText('Spans, last 7 days').waitFor();
    await settled(page);
    expect(await page.getByRole('link', { name: 'Critical' }).count()).toBe(1);
    expect(await row('GitHub token').count()).toBe(1);
    await policyFor('app.card');
  });

  test('a finding is listed with its place and its mask', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Findings' }).click();
    await settled(page);
    const text = await row('GitHub token').innerText();
    for (const part of [
      'Critical',
      'Secret',
      'web',
      'production',
      'http.request.header.authorization',
      'ghp_****',
      'storefront',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('a long list is read page by page', async () => {
    const rows = page.getByRole('table', { name: 'Findings' }).locator('tbody tr');
    expect(await rows.count()).toBe(50);
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByText('findings in all').waitFor();
    expect(await rows.count()).toBeGreaterThan(60);
  });

  test('filters narrow the list and stay in the address', async () => {
    await choose('Service', 'billing');
    expect(page.url()).toContain('/ui/findings?service=billing');
    expect(await row('BadName').count()).toBe(0);
    expect(await row('Payment card number').count()).toBe(1);
    await choose('Kind', 'Personal data');
    // Critical, as the detector says, and one step lower in an environment of that name.
    await choose('Severity', 'High');
    await choose('Environment', 'staging');
    await page.reload();
    await settled(page);
    const query = Object.fromEntries(new URL(page.url()).searchParams);
    expect(query).toEqual({ service: 'billing', kind: 'pii', severity: 'high', environment: 'staging' });
    expect(await page.locator('tbody tr').count()).toBe(1);
    await choose('Severity', 'Info');
    await page.getByText('No finding matches these filters').waitFor();
    await page.goBack();
    await row('Payment card number').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await row('BadName').first().waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('a finding opens with facts, hours, remedy and policies', async () => {
    await choose('Service', 'billing');
    await page.getByRole('link', { name: 'Payment card number' }).click();
    await page.getByRole('heading', { level: 1, name: 'Payment card number' }).waitFor();
    await page.getByRole('img', { name: /^Occurrences by hour/ }).waitFor();
    await page.getByRole('button', { name: 'View as table' }).click();
    expect(await page.getByRole('table').getByRole('row').count()).toBe(2);
    expect(await page.getByText('app.card', { exact: true }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Copy trace id' }).count()).toBe(1);
    await page.getByRole('link', { name: /^Mask payment-card in app\.card/ }).click();
    await policyCard('app.card').waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
  });

  test('text narrows the list, and the address keeps it', async () => {
    await visit(page, service, '/findings');
    await page.getByRole('searchbox', { name: 'Key or name' }).fill('payment');
    await page.waitForURL(/[?]q=payment$/);
    await settled(page);
    expect(await page.locator('tbody tr').count()).toBe(1);
    await row('Payment card number').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as CSV' }).click();
    const file = await readFile(await (await download).path(), 'utf8');
    expect(file.trimEnd().split('\r\n')).toHaveLength(2);
    expect(file).toContain(',payment-card,Payment card number,billing,staging,');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await row('BadName').first().waitFor();
    expect(await page.getByRole('searchbox', { name: 'Key or name' }).inputValue()).toBe('');
  });

  test('findings are chosen and resolved together, with a reason', async () => {
    await visit(page, service, '/findings?q=BadName1');
    await page.getByRole('checkbox', { name: 'Choose all that are shown' }).check();
    const chosen = page.getByRole('group', { name: 'Chosen findings' });
    await chosen.getByText('11 findings chosen').waitFor();
    await page.getByRole('checkbox', { name: /^Choose .* in BadName1 of web$/ }).uncheck();
    await chosen.getByRole('button', { name: 'Resolve …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resolve: 10 findings' });
    await dialog.getByRole('radio', { name: 'Used in tests' }).check();
    await dialog.getByRole('textbox', { name: 'Comment' }).fill('the load test');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('✓ 10 findings resolved.').waitFor();
    await settled(page);
    expect(await page.locator('tbody tr').count()).toBe(1);
    await choose('State', 'Resolved');
    await page.getByText('10 findings in all').waitFor();
    await row('BadName10').getByText('Used in tests').waitFor();
    await page.getByRole('checkbox', { name: /^Choose .* in BadName10 of web$/ }).check();
    await page.getByRole('button', { name: 'Open again …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Open again' }).click();
    await page.getByText('✓ 1 finding open again.').waitFor();
    await page.getByText('9 findings in all').waitFor();
  });

  test('a finding is acknowledged, commented on, accepted for a time and opened again', async () => {
    await visit(page, service, '/findings?q=GitHub');
    await page.getByRole('link', { name: 'GitHub token' }).click();
    await settled(page);
    const facts = page.getByRole('region', { name: 'Facts' });
    const history = page.getByRole('region', { name: 'History' });
    await facts.getByText('• new').waitFor();
    await page.getByRole('button', { name: 'Acknowledge …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
    await facts.getByText('– ongoing').waitFor();
    await history.getByText('admin acknowledged it').waitFor();

    await history.getByRole('textbox', { name: 'Comment' }).fill('Rotated.\nSee SEC-17.');
    await history.getByRole('button', { name: 'Add comment' }).click();
    await history.getByRole('listitem').filter({ hasText: 'Rotated.' }).waitFor();
    expect(await history.getByRole('textbox', { name: 'Comment' }).inputValue()).toBe('');

    await page.getByRole('button', { name: 'Resolve …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'Won’t fix' }).check();
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await facts.getByText(/^Won’t fix until /).waitFor();
    await history.getByText(/admin resolved it: Won’t fix until /).waitFor();
    await page.getByRole('button', { name: 'Open again …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Open again' }).click();
    await history.getByText('admin opened it again').waitFor();
  });

  test('a comment that holds a secret is refused, and the form keeps what was chosen', async () => {
    await page.getByRole('button', { name: 'Resolve …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'Fixed at source' }).check();
    const comment = dialog.getByRole('textbox', { name: 'Comment' });
    await comment.fill(`it was ${PLANTED.token}`);
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    const alert = await dialog.getByRole('alert').innerText();
    expect(alert).toContain('body.comment: holds what is a finding itself (github-token)');
    expect(alert).not.toContain(PLANTED.token);
    await comment.fill('');
    expect(await dialog.getByRole('radio', { name: 'Fixed at source' }).isChecked()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(errors.splice(0).join()).toContain('400');
  });

  test('a decision on what somebody else changed meanwhile says so', async () => {
    const id = page.url().split('/').at(-1);
    await page.getByRole('button', { name: 'Acknowledge …' }).click();
    const body = JSON.stringify({ state: 'resolved', resolution: 'false_positive' });
    const headers = { 'content-type': 'application/json' };
    await service.api(`/api/v1/findings/${id}`, { method: 'PATCH', headers, body });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Acknowledge' }).click();
    expect(await dialog.getByRole('alert').innerText()).toContain('Somebody else changed the finding');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('region', { name: 'Facts' }).getByText('False positive').waitFor();
    expect(errors.splice(0).join()).toContain('409');
    await page.getByRole('button', { name: 'Open again …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('button', { name: 'Acknowledge …' }).waitFor();
  });

  test('attributes are listed with size and naming problems, and a name is never markup', async () => {
    await visit(page, service, '/attributes?service=web');
    expect(await row('http.status_code').innerText()).toContain('is deprecated: use http.response.status_code');
    await row(HOSTILE_KEY).waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await choose('Location', 'resource attribute');
    expect(page.url()).toContain('location=resource');
    await page.getByRole('rowheader', { name: 'service.name', exact: true }).waitFor();
    expect(await row('url.query').count()).toBe(0);
  });

  test('span names are listed by template, with where their ids should be', async () => {
    await visit(page, service, '/span-names?service=web');
    const name = row('GET /users/{id}/orders/{id}');
    expect(await name.innerText()).toContain('holds an id: put it into an attribute');
    expect(await name.innerText()).toContain('user.id');
    await choose('Level', 'violation');
    expect(page.url()).toContain('level=violation');
    await page.getByRole('rowheader', { name: 'GET /users/{id}/orders/{id}' }).waitFor();
    expect(await page.getByRole('rowheader', { name: 'list', exact: true }).count()).toBe(0);
  });

  test('the card of an attribute says what it is, holds and costs, and what to do', async () => {
    await visit(page, service, '/attributes?service=web');
    await row('http.status_code').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'http.status_code' }).waitFor();
    await settled(page);
    const text = await page.getByRole('main').innerText();
    for (const part of ['renamed: use http.response.status_code', 'insufficient evidence', 'Fewer than 1000', '9{3}']) {
      expect(text).toContain(part);
    }
    await page.getByRole('table', { name: 'Services that have the key' }).getByRole('row', { name: /web/ }).waitFor();
    await visit(page, service, `/attributes/card?${new URLSearchParams({ service: 'web', key: HOSTILE_KEY })}`);
    await page.getByText('none knows the key').waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await visit(page, service, '/attributes/card?service=web&key=nothing');
    await page.getByText('There is no such attribute').waitFor();
    expect(errors.splice(0).join()).toContain('404');
  });

  test('indicators of quality are shown with their verdicts, what fails first, and scores of services', async () => {
    await eventually(
      () => service.api<{ data: unknown[] }>('/api/v1/quality?verdict=fail'),
      ({ body }) => body.data.length > 0,
    );
    await visit(page, service, '/quality');
    const indicators = page.getByRole('table', { name: 'Indicators' });
    const lacking = indicators.getByRole('row').filter({ hasText: 'Resources without service.instance.id' });
    expect(await lacking.innerText()).toContain('✕ fail');
    expect(await lacking.innerText()).toContain('100.0 %');
    expect(await indicators.getByRole('row').nth(1).innerText()).toContain('✕ fail');
    await page.getByRole('table', { name: 'Scores by service' }).getByText('RES-001').first().waitFor();
    await choose('Verdict', '✓ pass');
    expect(page.url()).toContain('verdict=pass');
    await lacking.waitFor({ state: 'detached' });
  });

  test('cost is shown by team, and follows the owner that is set', async () => {
    await visit(page, service, '/cost');
    const costs = page.getByRole('table', { name: 'Cost by team' });
    await costs.getByRole('row').filter({ hasText: 'storefront' }).waitFor();
    expect(await costs.getByRole('row').filter({ hasText: 'unowned' }).count()).toBe(1);
    expect(await page.getByText('unconfirmed').count()).toBe(1);
    await page.getByRole('button', { name: 'Set owner of billing' }).click();
    await page.getByRole('textbox', { name: 'Team' }).fill('payments-team');
    await page.getByRole('dialog').getByRole('button', { name: 'Set owner' }).click();
    await costs.getByRole('row').filter({ hasText: 'payments-team' }).waitFor();
    expect(await costs.getByRole('row').filter({ hasText: 'unowned' }).count()).toBe(0);
    await page.getByText('Attribute', { exact: true }).click();
    await page.getByRole('table', { name: 'Cost by attribute' }).getByText('app.card').waitFor();
    expect(page.url()).toContain('group_by=attribute');
  });

  test('an approved policy is what collectors pull', async () => {
    await visit(page, service, '/policies');
    await openApproval('Mask payment-card in app.card');
    await confirmApproval();
    await page.getByText(/^✓ Approved: Mask payment-card/).waitFor();
    await page.getByRole('button', { name: 'Show what they get now' }).click();
    const shown = page.getByRole('region', { name: 'Served collector configuration' });
    await shown.getByText('app.card').waitFor();
    const pulled = await page.request.get(`${service.endpoints.http}/api/v1/policy-sets/default/collector.yaml`);
    expect(await pulled.text()).toContain('span.attributes["app.card"]');
    await page.getByRole('tab', { name: 'Rolling out' }).click();
    await policyCard('Mask payment-card in app.card').waitFor();
  });

  test('an approved policy can be rolled back', async () => {
    await visit(page, service, '/policies?state=approved');
    const card = policyCard('Mask payment-card in app.card');
    await card.getByRole('button', { name: /^Roll back/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back', exact: true }).click();
    await page.getByText(/^✓ Rolled back: Mask payment-card/).waitFor();
    await page.getByRole('tab', { name: 'Rolled back' }).click();
    await card.getByText('↶ rolled back').waitFor();
    const pulled = await page.request.get(`${service.endpoints.http}/api/v1/policy-sets/default/collector.yaml`);
    expect(await pulled.text()).not.toContain('app.card');
  });

  test('an approval that comes too late says so', async () => {
    const policy = await policyFor('url.query');
    await visit(page, service, '/policies');
    await openApproval(policy.title);
    await service.api(`/api/v1/policies/${policy.id}/approve`, { method: 'POST' });
    await confirmApproval();
    expect(await page.getByRole('alert').innerText()).toContain('Somebody else decided on it');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await policyCard(policy.title).waitFor({ state: 'detached' });
    expect(errors.splice(0).join()).toContain('409');
  });

  test('an approval of what has changed meanwhile says so', async () => {
    await service.send(cardsOf('kiosk'));
    const suggested = async () => (await service.api<PolicyPage>('/api/v1/policies?state=suggested')).body.data;
    const ofCards = (services: number) => async () =>
      (await suggested()).find(({ key, services: names }) => key === 'app.card' && names.length === services);
    const first = await eventually(ofCards(2), (policy) => policy !== undefined);
    await visit(page, service, '/policies');
    await openApproval(first!.title);
    await service.send(cardsOf('till'));
    await eventually(ofCards(3), (policy) => policy !== undefined);
    await confirmApproval();
    expect(await page.getByRole('alert').innerText()).toContain('changed since you opened it');
    await page.keyboard.press('Escape');
    await policyCard('kiosk, till').waitFor();
    expect(errors.splice(0).join()).toContain('412');
  });

  test('a report is made, and opens', async () => {
    await visit(page, service, '/reports');
    await page.getByRole('button', { name: 'Make a report' }).click();
    await page.getByLabel('Window').selectOption({ label: 'Last 24 hours' });
    await page.getByRole('button', { name: 'Make it' }).click();
    await row('ready').waitFor();
    const opened = page.context().waitForEvent('page');
    await page.getByRole('link', { name: /^HTML/ }).click();
    const report = await opened;
    await report.waitForLoadState();
    const html = await report.content();
    expect(html).toContain('billing');
    expect(Object.values(PLANTED).filter((value) => html.includes(value))).toEqual([]);
    await report.close();
    for (const name of [/^Markdown/, /^JSON/]) {
      const address = await page.getByRole('link', { name }).getAttribute('href');
      expect((await page.request.get(service.endpoints.http + address)).status()).toBe(200);
    }
  });

  test('detectors are listed, and narrowed', async () => {
    await visit(page, service, '/rules');
    const table = page.getByRole('table', { name: 'Detectors' });
    expect(await table.locator('tbody tr').count()).toBe(25);
    await page.getByRole('textbox', { name: 'Name or id' }).fill('github');
    expect(await table.locator('tbody').innerText()).toContain('GitHub token');
    await page.getByLabel('Source').selectOption({ label: 'Your own' });
    await page.getByText('No detector matches these filters').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    expect(await table.locator('tbody tr').count()).toBe(25);
  });

  test('a detector of one’s own is checked, corrected, saved and kept as a version', async () => {
    await page.getByText('No versions yet').waitFor();
    await page.getByRole('button', { name: 'Begin with an example' }).click();
    const document = page.getByRole('textbox', { name: 'Rule document' });
    const example = await document.inputValue();
    await document.fill(example.replace('id: x-acme', 'id: acme').replace('{32}', '{33}'));
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    const problems = page.getByRole('alert').getByRole('table', { name: 'Problems' });
    await problems.getByRole('row').filter({ hasText: 'rules: acme-token: id' }).waitFor();
    await document.fill(example);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('✓ 1 detector in order').waitFor();
    await page.getByRole('textbox', { name: 'What changed' }).fill('tokens of acme');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('✓ Saved as version 1').waitFor();
    await row('tokens of acme').waitFor();
    await row('x-acme-token').waitFor();
    await page.getByRole('button', { name: 'Show version 1' }).click();
    await page.getByRole('dialog').getByText('x-acme-token').waitFor();
    await page.keyboard.press('Escape');
    await service.api('/api/v1/rules/custom', { method: 'DELETE' });
    await document.fill(`# Mine.\n${example}`);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Somebody else saved meanwhile').waitFor();
    await page.getByRole('button', { name: 'Read the latest version' }).click();
    await page.getByText('You have no detectors of your own yet').waitFor();
    expect(errors.splice(0).join()).toMatch(/422[\s\S]*412/);
  });

  test('an exclusion is added with a reason, and removed', async () => {
    await page.getByRole('button', { name: 'Add an exclusion' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Detector' }).fill('email');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('ask jo@shop.test');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText('body.reason: holds what a detector finds').waitFor();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('made-up customers');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await row('made-up customers').waitFor();
    expect(await row('made-up customers').innerText()).toContain('in force');
    await page.getByRole('button', { name: 'Remove exclusion: made-up customers' }).click();
    await page.getByText('Nothing is excluded').waitFor();
    expect(errors.splice(0).join()).toContain('422');
  });

  test('a session that ended elsewhere leads to the sign-in page, and back', async () => {
    await page.context().clearCookies();
    await page.getByRole('navigation').getByRole('link', { name: 'Cost' }).click();
    await page.waitForURL(/\/ui\/sign-in\?next=%2Fcost$/);
    expect(errors.splice(0).join()).toContain('401');
    await page.getByRole('textbox', { name: 'Token', exact: true }).fill(service.adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: 'Cost by team' }).waitFor();
  });

  test('signing out ends the session; a deep link leads back after signing in', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to spanwarden' }).waitFor();
    await page.goto(`${service.endpoints.http}/ui/findings?kind=secret`);
    await page.waitForURL(/\/ui\/sign-in\?next=/);
    await page.goto(service.signInUrl);
    await page.getByText('This token does not open a session').waitFor();
    expect(errors.splice(0).join()).toContain('401');
    await signIn(page, service, '/findings?kind=secret');
    await row('GitHub token').waitFor();
    expect(page.url()).toBe(`${service.endpoints.http}/ui/findings?kind=secret`);
  });
});
