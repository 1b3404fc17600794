// Debian's Chromium, and pages that notice what must not happen in them.

import assert from 'node:assert/strict';
import {axeSource, chromium} from './modules.mjs';

const kPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export function launch() {
  // It runs in containers as root, and reads nothing but the program's own page.
  return chromium.launch({
    executablePath: kPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic'],
  });
}

export const kPhone = {width: 360, height: 780};
export const kDesktop = {width: 1280, height: 860};

// Opens a page of its own and gives it to `use(page)`. What the page throws, what its policy refuses, and what it loads from
// elsewhere fail the test; answers of 400 and more that are expected are named by status in `refused`; `offline`: requests may fail.
// `token`: as if somebody had entered it.
export async function withPage(
  browser,
  url,
  {viewport = kDesktop, colorScheme = 'light', refused = [], offline = false, token = null} = {},
  use,
) {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    locale: 'en-GB',
    timezoneId: 'Europe/Madrid',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  if (token) await page.addInitScript((value) => sessionStorage.setItem('action-scheduler-token', value), token);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`thrown: ${error.stack}`));
  page.on('console', (message) => {
    const ofTheNetwork = /Failed to load resource/.test(message.text());
    if (message.type() === 'error' && !ofTheNetwork) faults.push(`console: ${message.text()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !refused.includes(response.status()))
      faults.push(`${response.status()}: ${response.request().method()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    if (why !== 'net::ERR_ABORTED' && !offline) faults.push(`${why}: ${request.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('data:'))
      faults.push(`from elsewhere: ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  try {
    await page.goto(url);
    await use(page);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

// Accessibility by axe-core, all of its rules for WCAG 2.2 AA and good practice.
export async function assertAccessible(page, where) {
  // Through the debugger: the page's policy takes no script of ours.
  await page.evaluate(axeSource);
  const {violations, passes} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations', 'passes']}));
  assert.ok(passes.length > 10, `axe-core looked at something in ${where}`);
  const told = violations.map(
    ({id, help, nodes}) =>
      `${id}: ${help}\n${nodes
        .slice(0, 5)
        .map(({html, failureSummary}) => `  ${html}\n  ${failureSummary}`)
        .join('\n')}`,
  );
  assert.equal(told.length, 0, `${where}:\n${told.join('\n')}`);
}

export async function assertNoSidewaysScrolling(page, where) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${where} is ${content} wide in ${window}`);
}
