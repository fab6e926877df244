import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { NewAccessToken, PolicyPage, PolicySet } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { type Service, startService } from '../support/service.js';
import { nameless, paleTexts, tableFaults } from './accessibility.js';
import { launchBrowser, MISSING_BROWSER, openPage, settled, signIn, visit, type WatchedPage } from './browser.js';
import { firstSpans } from './telemetry.js';

/*
 * A policy from the first word to the end, by three people: Ann writes it, Ben approves it and moves its roll-out, the
 * administrator sets up the stages. Each test goes on where the one before stopped.
 */

const TITLE = 'Drop notes of support';

let service: Service;
let browser: Browser;
let ann: WatchedPage;
let ben: WatchedPage;
let admin: WatchedPage;

const card = (page: Page, title = TITLE) => page.getByRole('article', { name: title, exact: true });
const dialog = (page: Page) => page.getByRole('dialog');

async function tokenOf(subject: string, role: string): Promise<string> {
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const init = {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ subject, roles: [role], expires_at }),
  };
  return (await service.api<NewAccessToken>('/api/v1/tokens', init)).body.secret;
}

/** What collectors with these labels are served. */
async function served(labels = ''): Promise<string> {
  return (await service.api<string>(`/api/v1/policy-sets/default/collector.yaml?collector=c1${labels}`)).text;
}

async function decide(page: Page, button: string, reason?: string): Promise<void> {
  await card(page)
    .getByRole('button', { name: new RegExp(`^${button}:`) })
    .click();
  if (reason !== undefined) await dialog(page).getByRole('textbox', { name: 'Why?' }).fill(reason);
  await dialog(page).getByRole('button', { name: button, exact: true }).click();
  await dialog(page).waitFor({ state: 'detached' });
}

async function expectAccessible(page: Page): Promise<void> {
  expect(await nameless(page)).toEqual([]);
  expect(await tableFaults(page)).toEqual([]);
  expect(await paleTexts(page)).toEqual([]);
  const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
  expect(overflow).toBe(0);
}

describeWith('policies written, approved and rolled out on their page', MISSING_BROWSER, () => {
  beforeAll(async () => {
    service = await startService();
    await service.send(firstSpans());
    browser = await launchBrowser();
    const open = () => openPage(browser, { reducedMotion: 'reduce' });
    [ann, ben, admin] = [await open(), await open(), await open()];
    await signIn(ann.page, service, '/policies', await tokenOf('ann', 'editor'));
    await signIn(ben.page, service, '/policies', await tokenOf('ben', 'approver'));
    await signIn(admin.page, service, '/policies');
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  afterEach(() => {
    for (const { errors } of [ann, ben, admin]) expect(errors.splice(0)).toEqual([]);
  });

  test('the administrator sets up stages; labels that are none are refused at their field', async () => {
    const { page } = admin;
    await page.getByRole('tab', { name: 'Policy sets' }).click();
    await page.getByRole('button', { name: 'Edit policy set default' }).click();
    await dialog(page).getByRole('button', { name: 'Add a stage' }).click();
    await dialog(page).getByRole('button', { name: 'Stage 2 one earlier' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name of stage 1' }).fill('First ones');
    const labels = dialog(page).getByRole('combobox', { name: 'Labels of stage 1' });
    await labels.fill('canary');
    await labels.press('Enter');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await dialog(page).getByText('name=value, such as region=eu').waitFor();
    await labels.press('Backspace');
    await labels.fill('stage=canary');
    await labels.press('Enter');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await dialog(page).getByText('What is wrong stands at its field').waitFor();
    expect(admin.errors.splice(0).join()).toContain('400');
    await expectAccessible(page);
    await dialog(page).getByRole('textbox', { name: 'Name of stage 1' }).fill('canary');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByText('✓ The policy set default is changed.').waitFor();
    const set = page.getByRole('article', { name: 'Policy set default' });
    await set.getByText('canary: stage=canary').waitFor();
    const { body } = await service.api<PolicySet>('/api/v1/policy-sets/default');
    expect(body.stages).toEqual([
      { name: 'canary', labels: { stage: 'canary' } },
      { name: 'all', labels: {} },
    ]);
    expect(body).toMatchObject({ two_persons: true, simulate_first: false, advance: 'auto', soak_seconds: 300 });
  });

  test('a set is added, has an address to pull from, and is removed', async () => {
    const { page } = admin;
    await page.getByRole('button', { name: 'Add a set' }).click();
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('default');
    await dialog(page).getByRole('button', { name: 'Add it' }).click();
    await dialog(page).getByText('there is one of that name').waitFor();
    await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('eu');
    await dialog(page)
      .getByRole('switch', { name: /is simulated before/ })
      .click();
    await dialog(page).getByRole('button', { name: 'Add it' }).click();
    await page.getByText(`${service.endpoints.http}/api/v1/policy-sets/eu/collector.yaml`).waitFor();
    await page.getByRole('button', { name: 'Edit policy set eu' }).click();
    await dialog(page)
      .getByRole('button', { name: /^Remove this set/ })
      .click();
    await dialog(page).getByRole('button', { name: 'Remove it' }).click();
    await page.getByText('✓ The policy set eu is removed.').waitFor();
    expect((await service.api('/api/v1/policy-sets/eu')).status).toBe(404);
  });

  test('who may write writes a draft; what is wrong stands at its field', async () => {
    const { page } = ann;
    expect(await page.getByRole('button', { name: /^Approve:/ }).count()).toBe(0);
    await page.getByText('approving them and moving their roll-outs takes the role approver').waitFor();
    await page.getByRole('button', { name: 'Write a policy' }).click();
    await dialog(page)
      .getByRole('combobox', { name: 'What it does' })
      .selectOption({ label: 'Mask what patterns match' });
    await dialog(page).getByRole('textbox', { name: 'Pattern' }).fill('(');
    await dialog(page).getByRole('button', { name: 'Write the draft' }).click();
    for (const name of ['Title', 'Key', 'Services']) {
      await dialog(page).locator('[aria-invalid="true"]').first().waitFor();
      expect(await dialog(page).getByLabel(name, { exact: false }).first().getAttribute('aria-invalid')).toBe('true');
    }
    await dialog(page).getByRole('textbox', { name: 'Title' }).fill(TITLE);
    await dialog(page).getByRole('combobox', { name: 'Key' }).fill('support.note');
    const services = dialog(page).getByRole('combobox', { name: 'Services' });
    await services.fill('we');
    await page.getByRole('option', { name: 'web', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Write the draft' }).click();
    await dialog(page)
      .getByText(/^missing closing \)|a pattern of RE2/)
      .waitFor();
    await expectAccessible(page);
    expect(ann.errors.splice(0)).toHaveLength(2);
    await dialog(page).getByRole('combobox', { name: 'What it does' }).selectOption({ label: 'Delete the attribute' });
    await dialog(page).getByRole('button', { name: 'Write the draft' }).click();
    await page.getByText(`✓ Draft written: ${TITLE}.`).waitFor();
    expect(page.url()).toContain('/ui/policies?id=');
    await card(page).getByText('✎ draft').waitFor();
    await card(page).getByText('Carried out by').waitFor();
    expect(await served()).not.toContain('support.note');
  });

  test('a draft is changed, and not over somebody else’s change', async () => {
    const { page } = ann;
    await card(page)
      .getByRole('button', { name: /^Edit:/ })
      .click();
    const key = dialog(page).getByRole('combobox', { name: 'Key' });
    await key.waitFor();
    expect(await key.inputValue()).toBe('support.note');
    const { body } = await service.api<PolicyPage>('/api/v1/policies?state=draft');
    const [draft] = body.data;
    const { title, location, services, action } = draft!;
    await service.api(`/api/v1/policies/${draft!.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-match': draft!.etag },
      body: JSON.stringify({ title, location, key: 'support.remark', services, action }),
    });
    await dialog(page).getByRole('textbox', { name: 'Reason' }).fill('Nobody reads them.');
    await dialog(page).getByRole('button', { name: 'Save the draft' }).click();
    await dialog(page).getByText('Somebody else changed it meanwhile').waitFor();
    expect(ann.errors.splice(0).join()).toContain('412');
    await dialog(page).getByRole('button', { name: 'Read the latest version' }).click();
    await eventuallyValue(page, 'support.remark');
    await dialog(page).getByRole('textbox', { name: 'Reason' }).fill('Nobody reads them.');
    await dialog(page).getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText(`✓ Draft written: ${TITLE}.`).waitFor();
    await card(page).getByText('Nobody reads them.').waitFor();
    await card(page).getByText('support.remark', { exact: true }).first().waitFor();
  });

  test('another person approves it, and is told what to know before', async () => {
    const { page } = ben;
    await visit(page, service, '/policies?state=draft');
    expect(
      await card(page)
        .getByRole('button', { name: /^(?:Edit|Reject):/ })
        .count(),
    ).toBe(0);
    await card(page)
      .getByRole('button', { name: /^Approve:/ })
      .click();
    const text = dialog(page);
    await text.getByText('Not simulated', { exact: true }).waitFor();
    await text.getByText('It loses data', { exact: true }).waitFor();
    await text.getByText('A stage lasts 5 minutes at least').waitFor();
    await text.getByText('One with tail sampling then decides').waitFor();
    await expectAccessible(page);
    await text.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText(`✓ Approved: ${TITLE}.`).waitFor();
    expect(await served('&label=stage=canary')).toContain('support.remark');
    expect(await served()).not.toContain('support.remark');
  });

  test('the roll-out is paused, resumed, gone on with and rolled back', async () => {
    const { page } = ben;
    await visit(page, service, '/policies?state=approved');
    const stages = card(page).getByRole('list', { name: 'Stages of the roll-out' });
    expect((await stages.getByRole('listitem').allInnerTexts()).map((line) => line.charAt(0))).toEqual(['●', '○']);
    await decide(page, 'Pause', 'The office is empty.');
    await card(page).getByText('The office is empty.').waitFor();
    expect(
      await card(page)
        .getByRole('button', { name: /^Go on:/ })
        .count(),
    ).toBe(0);
    await decide(page, 'Resume');
    await card(page)
      .getByRole('button', { name: /^Go on:/ })
      .waitFor();
    await decide(page, 'Go on');
    await stages.getByText('●').nth(1).waitFor();
    expect(await served()).toContain('support.remark');
    await decide(page, 'Go on');
    await page.getByRole('tab', { name: 'Active', exact: true }).click();
    await card(page).getByText('● active').waitFor();
    await decide(page, 'Roll back');
    await page.getByText(`✓ Rolled back: ${TITLE}.`).waitFor();
    expect(await served()).not.toContain('support.remark');
  });

  test('its page has its versions for all, and its history for administrators', async () => {
    const { body } = await service.api<PolicyPage>('/api/v1/policies?state=rolled_back');
    const path = `/policies?id=${body.data[0]!.id}`;
    await visit(admin.page, service, path);
    const versions = admin.page.getByRole('table', { name: 'Versions' });
    expect(await versions.locator('tbody').innerText()).toMatch(/rolled back.*ann.*ben/s);
    const history = admin.page.getByRole('table', { name: 'History' });
    await history.waitFor();
    const steps = await history.locator('tbody tr').allInnerTexts();
    expect(steps.map((line) => line.split('\t')[1])).toEqual([
      ...['rolled back', 'active', 'gone on without proof', 'roll-out resumed', 'roll-out paused'],
      ...['approved', 'changed', 'changed', 'written'],
    ]);
    expect(steps[4]).toContain('The office is empty.');
    await versions.getByRole('button', { name: 'Show configuration of version 1' }).click();
    await admin.page.getByRole('region', { name: 'Collector configuration of version 1' }).waitFor();
    await expectAccessible(admin.page);
    await visit(ann.page, service, path);
    await ann.page.getByRole('table', { name: 'Versions' }).waitFor();
    expect(await ann.page.getByRole('table', { name: 'History' }).count()).toBe(0);
    await ann.page.getByText('which is in the audit log, takes the role admin').waitFor();
    await ann.page.setViewportSize({ width: 480, height: 900 });
    await ann.page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(ann.page);
  });

  test('a new version is proposed on top of another, and its page says what it changes', async () => {
    const { page } = ann;
    await page.setViewportSize({ width: 1280, height: 900 });
    await card(page)
      .getByRole('button', { name: /^New version:/ })
      .click();
    await dialog(page).getByText('this proposes version 2, which has to be approved').waitFor();
    await dialog(page).getByRole('combobox', { name: 'Key' }).fill('support.other');
    await dialog(page).getByRole('button', { name: 'Save the draft' }).click();
    const versions = page.getByRole('table', { name: 'Versions' });
    await versions.getByRole('button', { name: 'Show configuration of version 2' }).click();
    const changes = await page.getByRole('region', { name: 'What version 2 changes of version 1' }).innerText();
    expect(changes).toMatch(/^− .*support\.remark/m);
    expect(changes).toMatch(/^\+ .*support\.other/m);
    await expectAccessible(page);
  });

  test('conflicts are said on the cards and in the set, with the remedy', async () => {
    const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const about = { location: 'span', key: 'user.id', services: ['web'] };
    for (const [title, action] of [
      ['Hash users', { kind: 'keyed-hash' }],
      ['Rename users', { kind: 'rename', to: 'enduser.id' }],
    ] as const) {
      await service.api('/api/v1/policies', { ...json, body: JSON.stringify({ title, ...about, action }) });
    }
    const { page } = ben;
    await visit(page, service, '/policies?state=draft');
    await card(page, 'Hash users').getByText('Set SPANWARDEN_HMAC_KEY to 32 bytes or more').waitFor();
    await card(page, 'Hash users').getByText('Conflict', { exact: true }).waitFor();
    await card(page, 'Hash users').getByRole('link', { name: 'Rename users' }).waitFor();
    await page.getByRole('tab', { name: 'Policy sets' }).click();
    await settled(page);
    const set = page.getByRole('article', { name: 'Policy set default' });
    await set.getByText('1 conflict', { exact: true }).waitFor();
    await set.getByRole('link', { name: 'Hash users' }).click();
    await page.getByRole('heading', { level: 2, name: 'Hash users' }).waitFor();
    expect(await page.getByRole('button', { name: 'Edit policy set default' }).count()).toBe(0);
  });
});

async function eventuallyValue(page: Page, value: string): Promise<void> {
  const key = dialog(page).getByRole('combobox', { name: 'Key' });
  await key.and(page.locator(`[value="${value}"]`)).waitFor();
}
