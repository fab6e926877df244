import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { FindingPage } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { eventually, type Service, startService } from '../support/service.js';
import { nameless, paleTexts, tableFaults } from './accessibility.js';
import { launchBrowser, MISSING_BROWSER, openPage, settled, signIn, visit } from './browser.js';
import { firstSpans } from './telemetry.js';

const CARD = '/attributes/card?service=web&key=http.status_code';
const PAGES = [
  '/',
  '/findings',
  '/attributes',
  CARD,
  '/span-names',
  '/quality',
  '/cost',
  '/policies',
  '/policies?view=sets',
  '/collectors',
  '/reports',
  '/rules',
  '/audit',
  '/access',
  '/no-such-page',
];

let service: Service;
let browser: Browser;

async function signedIn(colorScheme: 'light' | 'dark' = 'light', width = 1280): Promise<Page> {
  const { page } = await openPage(browser, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
  await signIn(page, service);
  return page;
}

async function expectAccessible(page: Page): Promise<void> {
  const at = page.url();
  expect({ at, headings: await page.getByRole('heading', { level: 1 }).count() }).toEqual({ at, headings: 1 });
  expect({ at, nameless: await nameless(page) }).toEqual({ at, nameless: [] });
  expect({ at, tables: await tableFaults(page) }).toEqual({ at, tables: [] });
  expect({ at, pale: await paleTexts(page) }).toEqual({ at, pale: [] });
}

/** Presses Tab until the focus is on what is looked for; gives what had it on the way. */
async function tabTo(page: Page, wanted: RegExp, key = 'Tab'): Promise<string[]> {
  const way: string[] = [];
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press(key);
    const name = await page
      .locator(':focus')
      .evaluate((e) => `${e.tagName} ${e.textContent?.trim()} ${e.getAttribute('href') ?? ''}`);
    way.push(name);
    if (wanted.test(name)) return way;
  }
  throw new Error(`Tab does not reach ${wanted}: ${way.join(' | ')}`);
}

describeWith('accessibility and keyboard of the pages', MISSING_BROWSER, () => {
  beforeAll(async () => {
    service = await startService();
    browser = await launchBrowser();
    await service.send(firstSpans());
    await service.api('/api/v1/reports', { method: 'POST' });
    const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const exclusion = {
      key: 'internal.note',
      reason: 'test data',
      expires_at: new Date(Date.now() + 8e7).toISOString(),
    };
    await service.api('/api/v1/exclusions', { ...json, body: JSON.stringify(exclusion) });
    await service.api('/api/v1/rules/custom', { method: 'DELETE' });
    const policies = () => service.api<{ data: unknown[] }>('/api/v1/policies');
    await eventually(policies, ({ body }) => body.data.length > 0);
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  test.each(['light', 'dark'] as const)(
    'every page has names, one heading, table headers and contrast: %s',
    async (scheme) => {
      const page = await signedIn(scheme);
      const { body } = await service.api<FindingPage>('/api/v1/findings?kind=secret');
      for (const path of [...PAGES, `/findings/${body.data[0]!.id}`]) {
        await visit(page, service, path);
        await expectAccessible(page);
      }
      await page.getByRole('button', { name: 'View as table' }).click();
      await expectAccessible(page);
      await page.context().close();
    },
  );

  test('dialogs and the sign-in page too', async () => {
    const page = await signedIn();
    for (const [path, opener] of [
      ['/policies', /^Approve:/],
      ['/policies', /^Write a policy/],
      ['/policies', /^Edit:/],
      ['/policies?view=sets', /^Edit policy set default/],
      ['/policies?view=sets', /^Add a set/],
      ['/cost', /^Set owner of web/],
      ['/reports', /^Make a report/],
      ['/rules', /^Add an exclusion/],
      ['/', /^Keyboard/],
    ] as const) {
      await visit(page, service, path);
      const button = page.getByRole('button', { name: opener }).first();
      await button.click();
      await page.getByRole('dialog').waitFor();
      expect(await nameless(page)).toEqual([]);
      expect(await tableFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await button.evaluate((e) => e === e.ownerDocument.activeElement)).toBe(true);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to spanwarden' }).waitFor();
    await expectAccessible(page);
    await page.context().close();
  });

  test('findings are chosen and decided on by keyboard alone', async () => {
    const page = await signedIn();
    await visit(page, service, '/findings?service=billing');
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await page.getByText('2 findings chosen').waitFor();
    await expectAccessible(page);
    await tabTo(page, /^BUTTON Resolve/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Resolve: 2 findings' });
    await dialog.waitFor();
    expect(await nameless(page)).toEqual([]);
    expect(await paleTexts(page)).toEqual([]);
    await page.keyboard.press('Space');
    expect(await dialog.getByRole('radio', { name: 'Fixed at source' }).isChecked()).toBe(true);
    await page.keyboard.press('ArrowDown');
    await tabTo(page, /^BUTTON Resolve/);
    await page.keyboard.press('Enter');
    await page.getByText('✓ 2 findings resolved.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await visit(page, service, '/findings?state=resolved');
    expect(await page.locator('tbody').getByText('Redacted by a policy').count()).toBe(2);
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Payment card number' }).click();
    await settled(page);
    await expectAccessible(page);
    await page.context().close();
  });

  test('Tab reaches the navigation, the filters and the links of the rows', async () => {
    const page = await signedIn();
    await visit(page, service, '/findings');
    const way = await tabTo(page, /^A .*\/ui\/findings\/[0-9a-f-]{36}$/);
    expect(way[0]).toContain('Skip to content');
    for (const title of ['Overview', 'Findings', 'Attributes', 'Cost', 'Policies', 'Collectors', 'Reports', 'Rules']) {
      expect(way.filter((name) => name.startsWith(`A ${title}`))).toHaveLength(1);
    }
    expect(way.filter((name) => name.startsWith('INPUT')).length).toBeGreaterThanOrEqual(4);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^(?!Findings)/ }).waitFor();
    expect(page.url()).toMatch(/\/ui\/findings\/[0-9a-f-]{36}$/);
    await page.context().close();
  });

  test('single keys move about, and can be switched off', async () => {
    const page = await signedIn();
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor();
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = page.locator('tbody tr').nth(1).getByRole('link').first();
    expect(await second.evaluate((e) => e === e.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('?');
    await page.getByRole('switch', { name: 'Use these keys' }).press('Space');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Findings');
    await page.context().close();
  });

  test('in a narrow window the navigation opens on demand, and nothing else moves sideways', async () => {
    const page = await signedIn('light', 480);
    const link = page.getByRole('link', { name: 'Policies', exact: true });
    for (const path of PAGES) {
      await visit(page, service, path);
      const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
      expect({ path, overflow }).toEqual({ path, overflow: 0 });
    }
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await link.click();
    await page.getByRole('heading', { level: 1, name: 'Policies' }).waitFor();
    await page.getByRole('button', { name: 'Open navigation' }).waitFor();
    await page.context().close();
  });
});
