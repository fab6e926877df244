import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { isAccessToken } from '../../src/edge/auth/access-token.js';
import { describeWith } from '../support/needs.js';
import { type Service, startService } from '../support/service.js';
import { launchBrowser, MISSING_BROWSER, openPage, settled, signIn, visit } from './browser.js';
import { firstSpans } from './telemetry.js';

/* Tokens and the audit log in the pages: by the administrator, and by somebody with a token. */

let service: Service;
let browser: Browser;
let page: Page;
let errors: string[];
let token = '';

const row = (text: string | RegExp) => page.getByRole('row').filter({ hasText: text });
const dialog = () => page.getByRole('dialog');
const button = (name: string | RegExp) => page.getByRole('button', { name });

describeWith('tokens and the audit log in the pages', MISSING_BROWSER, () => {
  beforeAll(async () => {
    service = await startService();
    await service.send(firstSpans());
    browser = await launchBrowser();
    ({ page, errors } = await openPage(browser));
    await signIn(page, service);
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  afterEach(() => {
    expect(errors.splice(0)).toEqual([]);
  });

  test('without tokens the page says what they are good for', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Access' }).click();
    await page.getByText('Everybody is admin so far').waitFor();
  });

  test('a token of a person is made, and shown once', async () => {
    await button('Make a token').click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('alice');
    await dialog()
      .getByRole('checkbox', { name: /^Editor/ })
      .check();
    await dialog().getByRole('button', { name: 'Make it' }).click();
    token = await dialog().getByRole('region', { name: 'token' }).innerText();
    expect(isAccessToken(token.trim())).toBe(true);
    await dialog().getByRole('button', { name: 'Copy token' }).waitFor();
    await dialog().getByRole('button', { name: 'Done' }).click();
    await page.getByText('The token of alice is made').waitFor();
    expect(await row('alice').innerText()).toMatch(/viewer, editor.*active.*never.*admin/s);
    expect(await page.content()).not.toContain(token.trim());
  });

  test('one of a collector has labels, and what is wrong is said', async () => {
    await button('Make a token').click();
    await dialog().getByRole('combobox', { name: 'For' }).selectOption('collector');
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Gateway EU');
    await dialog().getByRole('textbox', { name: 'Labels' }).fill('region=eu tier=gateway');
    await dialog().getByRole('button', { name: 'Make it' }).click();
    await dialog().getByRole('alert').getByText('body.subject').waitFor();
    expect(errors.splice(0).join()).toContain('400');
    await dialog().getByRole('textbox', { name: 'Name' }).fill('gateway-eu');
    await dialog().getByRole('button', { name: 'Make it' }).click();
    await dialog().getByRole('button', { name: 'Done' }).click();
    await row('gateway-eu').waitFor();
    expect(await row('gateway-eu').innerText()).toMatch(/collector.*region=eu.*tier=gateway/s);
    expect(
      await row('gateway-eu')
        .getByRole('button', { name: /Sign-in link/ })
        .count(),
    ).toBe(0);
  });

  test('a sign-in link opens the pages as the person, without what is of administrators', async () => {
    await button('Sign-in link for alice').click();
    const link = await dialog().getByRole('region', { name: 'sign-in link' }).innerText();
    await dialog().getByRole('button', { name: 'Done' }).click();
    const other = await openPage(browser);
    await other.page.goto(link.trim());
    await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await other.page.getByRole('button', { name: 'Sign out' }).getAttribute('title')).toBe('Signed in as alice');
    expect(
      await other.page
        .getByRole('navigation')
        .getByRole('link', { name: /^(?:Audit|Access)$/ })
        .count(),
    ).toBe(0);
    await visit(other.page, service, '/findings');
    await visit(other.page, service, '/audit');
    await other.page.getByText('the role admin is needed').first().waitFor();
    await other.page.close();
  });

  test('the audit log has who did what, by filters that stay in the address', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).click();
    await settled(page);
    expect(await row('addTokens').first().innerText()).toMatch(/admin.*tokens\/.*done/s);
    await page.getByRole('combobox', { name: 'Who', exact: true }).click();
    await page.getByRole('option', { name: 'alice', exact: true }).click();
    await settled(page);
    expect(page.url()).toContain('/ui/audit?actor=alice');
    expect(await row('addTokens').count()).toBe(0);
    await row('listFindings').first().waitFor();
    await page.getByRole('searchbox', { name: 'On' }).fill('nothing');
    await page.getByText('No event matches these filters').waitFor();
    await button('Clear filters').click();
    await settled(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'as JSON lines' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('audit.jsonl');
  });

  test('the log is verified at the push of a button', async () => {
    await button('Verify now').click();
    await page.getByText(/^✓ Intact: \d+ events, /).waitFor();
    await page.getByText(/Verified last: (?!never)/).waitFor();
  });

  test('a token is revoked, after asking once more', async () => {
    await visit(page, service, '/access');
    await button('Revoke the token of alice').click();
    await dialog().getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('The token of alice is revoked').waitFor();
    await row('alice').getByText('revoked').waitFor();
    const headers = { authorization: `Bearer ${token.trim()}` };
    expect((await service.api('/api/v1/status', { headers })).status).toBe(401);
  });
});
