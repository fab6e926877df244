import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { SamplingPolicy } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { type Service, startService } from '../support/service.js';
import { launchBrowser, MISSING_BROWSER, openPage, signIn, visit } from './browser.js';

const OPERATION = 'GET /items/{id}<b>\u202e';
const ACTION = {
  ...{ stage: 'tail', otherwise: 1, floor: 0.01, adaptive: true, budget: { kind: 'spans_per_second', amount: 200 } },
  keep: { errors: true, slowerThanMs: 1500, critical: [{ kind: 'name', name: 'POST /pay' }] },
  operations: Array.from({ length: 7 }, (_, i) => ({
    ...{ service: 'shop', operation: i === 0 ? OPERATION : `GET /${i}`, probability: (i + 1) / 20 },
  })),
};

describeWith('a sampling policy on its page', MISSING_BROWSER, () => {
  let service: Service;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    service = await startService();
    browser = await launchBrowser();
    ({ page, errors } = await openPage(browser));
    await signIn(page, service);
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  test('says what it keeps in words, and can be approved', async () => {
    const made = await service.api<SamplingPolicy>('/api/v1/sampling/policies', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ action: ACTION, reason: 'Three operations are most of the traffic.' }),
    });
    expect(made.status).toBe(201);
    await visit(page, service, '/policies?state=draft');
    const card = page.getByRole('article').filter({ hasText: 'Sample traces of complete traces' });
    const kept = await card.getByRole('region', { name: 'What the policy keeps' }).innerText();
    expect(kept).toContain(
      'Always kept: traces with errors, traces longer than 1,500 ms, traces through 1 critical route.',
    );
    expect(kept).toContain('5.0% of GET /items/{id}<b>\\u{202e} of shop');
    expect(kept).toContain('100.0% of other operations; 2 more operations in the configuration');
    expect(kept).toContain('Budget: 200 spans a second. Probabilities follow the traffic, between 1.0% and 100 %.');
    expect(await card.getByText('all services').count()).toBe(1);
    await card.getByRole('button', { name: /^Approve/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('on the spans of all services').waitFor();
    await dialog.getByText('You wrote it, so somebody else has to approve it.').waitFor();
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await dialog.getByRole('alert').getByText('somebody else has to approve it').waitFor();
    expect(errors.splice(0).join()).toContain('409');
    const set = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"two_persons":false}' };
    expect((await service.api('/api/v1/policy-sets/default', set)).status).toBe(200);
    await visit(page, service, '/policies?state=draft');
    await card.getByRole('button', { name: /^Approve/ }).click();
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText(/^✓ Approved: Sample traces/).waitFor();
    expect(errors).toEqual([]);
  });
});
