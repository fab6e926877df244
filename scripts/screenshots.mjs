// Takes the pictures of the README from a spanwarden that runs, best one that `npm run demo -- --keep` left running:
// `node scripts/screenshots.mjs`. Needs Chromium (CHROMIUM_BIN).
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const PICTURES = { overview: '/', policies: '/policies' };

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const home = resolve(process.env.SPANWARDEN_HOME ?? '.spanwarden');
const { http } = JSON.parse(readFileSync(join(home, 'endpoints.json'), 'utf8'));
const token = process.env.SPANWARDEN_ADMIN_TOKEN ?? readFileSync(join(home, 'admin-token'), 'utf8').trim();

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
await page.goto(`${http}/ui/sign-in`);
await page.getByRole('textbox', { name: 'Token', exact: true }).fill(token);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.waitForURL(`${http}/ui/`);
mkdirSync(join(root, 'docs', 'images'), { recursive: true });
for (const [name, path] of Object.entries(PICTURES)) {
  await page.goto(`${http}/ui${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(root, 'docs', 'images', `${name}.png`) });
  process.stdout.write(`docs/images/${name}.png\n`);
}
await browser.close();
