import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Service } from '../support/service.js';

/** Chromium as Debian installs it; `CHROMIUM_BIN` names another one. */
const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
/** Without the sandbox, which root has not, and without asking anybody outside for anything. */
const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What is missing for these suites, or null. */
export const MISSING_BROWSER = existsSync(CHROMIUM)
  ? null
  : `There is no Chromium at ${CHROMIUM}; install it, or set CHROMIUM_BIN.`;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts and of the console, such as violations of the content security policy. */
  readonly errors: string[];
}

/** A page in a profile of its own, which notes what goes wrong in it. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  return { page, errors };
}

/** Signs in with a token, by default the one of the administrator, and goes to a page. */
export async function signIn(page: Page, service: Service, path = '/', token = service.adminToken): Promise<void> {
  await page.goto(`${service.endpoints.http}/ui/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByRole('textbox', { name: 'Token', exact: true }).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${service.endpoints.http}/ui${path}`);
  await settled(page);
}

/** Goes to a page by its address and waits until it has what it shows. */
export async function visit(page: Page, service: Service, path: string): Promise<void> {
  await page.goto(`${service.endpoints.http}/ui${path}`);
  await settled(page);
}

/** Waits until nothing is being read any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}
