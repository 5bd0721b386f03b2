// Debian's Chromium, driven by Playwright: contexts that note every console error and every violation
// of the content security policy, and the accessibility check.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

import { e2eFolder } from './start.mjs';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-quic', '--disable-dev-shm-usage', '--font-render-hinting=none',
];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export function launch() {
  return chromium.launch({ executablePath: process.env.E2E_CHROMIUM || '/usr/bin/chromium', args: FLAGS });
}

/**
 * A context with one page, whose complaints (console errors, exceptions, violated policies) gather in
 * `page.complaints`. An expected answer of 4xx is no complaint of the page.
 */
export async function open(browser, { locale = 'en', colorScheme = 'light', javaScriptEnabled = true, viewport = { width: 1280, height: 900 }, ...more } = {}) {
  const context = await browser.newContext({ locale, colorScheme, javaScriptEnabled, viewport, ...more });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (/Failed to load resource.*status of 4\d\d/.test(message.text())) return;
    page.complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.complaints.push(`${page.url()}: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!/ERR_ABORTED/.test(reason)) page.complaints.push(`${request.url()}: ${reason}`);
  });
  return page;
}

/** What axe finds at WCAG 2.2 AA, one line for each rule, with the first places. */
export async function accessibility(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(' | ')}`);
}

/** A picture of the page for the record, in e2e/out. */
export async function picture(page, name, { fullPage = true } = {}) {
  const folder = join(e2eFolder, 'out');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

/** What every page must be, in one list of complaints. */
export async function faults(page) {
  const found = [...page.complaints, ...(await accessibility(page))];
  const headings = await page.locator('h1').count();
  if (headings !== 1) found.push(`${headings} h1`);
  const title = await page.title();
  if (!/\S+ · \S+/.test(title)) found.push(`the title is \`${title}\``);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) found.push(`${wide} px wider than the screen`);
  return found;
}
