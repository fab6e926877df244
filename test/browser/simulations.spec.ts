import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { PolicyPage } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { eventually, type Service, startService } from '../support/service.js';
import { nameless, paleTexts, tableFaults } from './accessibility.js';
import { launchBrowser, MISSING_BROWSER, openPage, settled, signIn, visit } from './browser.js';
import { cardsOf, firstSpans, PLANTED } from './telemetry.js';

/** A policy is simulated on its card, by keyboard alone; each test goes on where the one before stopped. */

let service: Service;
let browser: Browser;
let page: Page;
let errors: string[];

const card = () => page.getByRole('article').filter({ hasText: 'app.card' });
const panel = () => card().getByRole('region', { name: 'Simulation on live spans' });

async function expectAccessible(): Promise<void> {
  expect(await nameless(page)).toEqual([]);
  expect(await tableFaults(page)).toEqual([]);
  expect(await paleTexts(page)).toEqual([]);
  const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
  expect(overflow).toBe(0);
  const html = await page.content();
  expect(Object.values(PLANTED).filter((value) => html.includes(value))).toEqual([]);
}

/** Presses Tab until the focus is on a button of this name. */
async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    const text = await page.locator(':focus').evaluate((e) => `${e.textContent?.trim()}`);
    if (text === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${name}`);
}

describeWith('a simulation on the pages', MISSING_BROWSER, () => {
  beforeAll(async () => {
    service = await startService({ env: { SPANWARDEN_SIMULATION_PERCENT: '100' } });
    browser = await launchBrowser();
    ({ page, errors } = await openPage(browser, { reducedMotion: 'reduce' }));
    await service.send(firstSpans());
    const list = () => service.api<PolicyPage>('/api/v1/policies');
    await eventually(list, ({ body }) => body.data.some(({ key }) => key === 'app.card'));
    await signIn(page, service, '/policies');
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  test('is started from the card, and says how far it is', async () => {
    const button = card().getByRole('button', { name: /^Simulate:/ });
    expect(await button.getAttribute('aria-expanded')).toBe('false');
    await button.press('Enter');
    await panel().getByText('Nothing reaches a collector').waitFor();
    await settled(page);
    await expectAccessible();
    await panel().getByRole('combobox', { name: 'At most' }).selectOption({ label: '1 hour' });
    await panel().getByRole('combobox', { name: 'At most' }).focus();
    await tabTo('Start simulation');
    await page.keyboard.press('Enter');
    await panel().getByText('Simulation of version 1 is running.').waitFor();
    const bar = panel().getByRole('progressbar', { name: 'Progress of the simulation' });
    expect(Number(await bar.getAttribute('aria-valuenow'))).toBeLessThan(20);
    await panel()
      .getByText(/^0 of 20,000 spans, \d+ minutes left$/)
      .waitFor();
    await panel().getByText('No spans have come in since it began.').waitFor();
    await expectAccessible();
  });

  test('shows what it has found while it runs', async () => {
    for (let i = 0; i < 3; i++) expect((await service.send(cardsOf('billing'))).status).toBe(200);
    const table = panel().getByRole('table', { name: 'Spans before and after the policy' });
    await table.getByRole('row').filter({ hasText: 'Matches' }).waitFor();
    await panel().getByText('3 of 20,000 spans').waitFor();
    const cells = await table.getByRole('row').filter({ hasText: 'Matches' }).getByRole('cell').allInnerTexts();
    expect(cells).toEqual(['3', '0', '3']);
    const findings = panel().getByRole('table', { name: 'Findings before and after the policy' });
    await findings.getByRole('row').filter({ hasText: 'payment-card' }).getByText('gone').waitFor();
    await panel().getByText('insufficient evidence').waitFor();
    await expectAccessible();
  });

  test('ends when it is stopped, stays there, and can be run again', async () => {
    await card()
      .getByRole('button', { name: /^Hide simulation of:/ })
      .focus();
    await tabTo('Stop simulation');
    await page.keyboard.press('Enter');
    await panel().getByText('it was stopped').waitFor();
    await panel().getByRole('button', { name: 'Simulate again' }).waitFor();
    await visit(page, service, '/policies');
    await card()
      .getByRole('button', { name: /^Simulate:/ })
      .click();
    await panel().getByText('it was stopped').waitFor();
    expect(await panel().getByRole('table').count()).toBe(2);
    await card()
      .getByRole('button', { name: /^Approve:/ })
      .click();
    const dialog = page.getByRole('dialog');
    const shown = dialog.getByRole('table', { name: 'What the simulation showed' });
    const matches = shown.getByRole('row').filter({ hasText: 'Matches of findings' });
    expect(await matches.getByRole('cell').allInnerTexts()).toEqual(['3', '0']);
    await dialog.getByText('Simulated on 3 spans that came in').waitFor();
    await expectAccessible();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible();
    await page.setViewportSize({ width: 480, height: 900 });
    await expectAccessible();
    expect(errors.splice(0)).toEqual([]);
  });

  test('shows the one that somebody else started meanwhile', async () => {
    const { body } = await service.api<PolicyPage>('/api/v1/policies');
    const { id } = body.data.find(({ key }) => key === 'app.card')!;
    const json = { 'content-type': 'application/json' };
    const started = await service.api<{ id: string }>(`/api/v1/policies/${id}/simulations`, {
      ...{ method: 'POST', headers: json, body: '{}' },
    });
    expect(started.status).toBe(201);
    await panel().getByRole('button', { name: 'Simulate again' }).click();
    await panel().getByText('Simulation of version 1 is running.').waitFor();
    await panel().getByRole('button', { name: 'Stop simulation' }).waitFor();
    expect(errors.splice(0).join()).toContain('409');
  });
});
