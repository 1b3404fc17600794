// The dashboard in a real Chromium, served by the real program from a table of a million actions. scripts/page.sh runs it.
//
//   PAGE_ROWS=N         another number of rows
//   PAGE_SCREENSHOTS=1  makes the pictures of docs/images, too

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {assertAccessible, assertNoSidewaysScrolling, kPhone, launch, withPage} from './browser.mjs';
import {root} from './modules.mjs';
import {Scheduler} from './scheduler.mjs';

const kRows = Number(process.env.PAGE_ROWS ?? 1_000_000);
const kToken = 'open-sesame';
const kWaitMs = 30_000;

const scheduler = new Scheduler(kRows, kToken);
let browser;

before(async () => {
  await scheduler.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await scheduler.stop();
  scheduler.remove();
});

// The page at `hash`, where somebody has entered the token, unless the options say otherwise.
const onPage = (hash, use, options = {}) => withPage(browser, `${scheduler.url}${hash}`, {token: kToken, ...options}, use);

async function eventually(what, condition) {
  const until = Date.now() + kWaitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < until, `in time: ${what}`);
    await pause(100);
  }
}

const rows = (page) => page.locator('.actions tbody tr');
const action = (id) => scheduler.api('GET', `actions/${id}`);

test('Shows health, the next day and the first of a million actions', () =>
  onPage('', async (page) => {
    await page.getByRole('heading', {name: 'Firing on time'}).waitFor();
    await page.getByText(`1–50 of ${kRows.toLocaleString('en')}`).waitFor();
    assert.equal(await rows(page).count(), 50);
    assert.match(await page.locator('.figures').innerText(), /Behind by\s+0 s/);
    assert.match(await page.locator('.figures').innerText(), /Faulty\s+3\s/);
    await page.locator('.strip .bar').first().waitFor();
    const first = rows(page).first();
    assert.match(await first.innerText(), /Poll the payment provider\s+every 5 seconds/);
    await rows(page).getByText('every 5 minutes from 09:00 to 17:55 on weekdays, New York time').waitFor();
  }));

test('Reads the strip with the arrow keys', () =>
  onPage('', async (page) => {
    const strip = page.getByRole('slider', {name: /next 24 hours/});
    await strip.focus();
    await page.keyboard.press('End');
    const text = await strip.getAttribute('aria-valuetext');
    assert.match(text, /\d\d:\d\d to .*\d\d:\d\d: [\d,]+ fires?$/);
    assert.equal(await page.locator('.strip .reading').innerText(), text);
    await page.keyboard.press('ArrowLeft');
    assert.notEqual(await strip.getAttribute('aria-valuetext'), text);
  }));

test('Turns the pages of the list, and back by the history', () =>
  onPage('', async (page) => {
    await page.getByText(`1–50 of`).waitFor();
    assert.equal(await page.getByRole('button', {name: 'Previous'}).isDisabled(), true);
    await page.getByRole('button', {name: 'Next'}).click();
    await page.getByText(`51–100 of`).waitFor();
    assert.match(await rows(page).first().innerText(), /^51\s/);
    await page.getByRole('button', {name: 'Next'}).click();
    await page.getByText(`101–150 of`).waitFor();
    await page.goBack();
    await page.getByText(`51–100 of`).waitFor();
    await page.getByRole('button', {name: 'Previous'}).click();
    await page.getByText(`1–50 of`).waitFor();
  }));

test('Searches by name, by id, and says when nothing matches', () =>
  onPage('', async (page) => {
    const search = page.getByLabel('Search actions');
    await search.fill('MORNING rep');
    await page.getByText('1–1 of 1 matching').waitFor();
    assert.match(await rows(page).innerText(), /Build the morning report/);
    assert.match(page.url(), /#\/\?search=MORNING\+rep$/);
    await search.fill(String(kRows));
    await page.getByRole('link', {name: `of customer ${kRows}`}).waitFor();
    await search.fill('no such thing');
    await page.getByText('No action matches').waitFor();
    await search.fill('');
    await page.getByText(`1–50 of`).waitFor();
  }));

test('Opens a search by its link', () =>
  onPage('#/?search=digest', async (page) => {
    await page.getByText('1–1 of 1 matching').waitFor();
    assert.equal(await page.getByLabel('Search actions').inputValue(), 'digest');
  }));

test('Lists rows with faults and why', () =>
  onPage('', async (page) => {
    await page.getByRole('button', {name: /^Faulty/}).click();
    await page.getByText('1–3 of 3').waitFor();
    assert.equal(await page.getByRole('button', {name: /^Faulty/}).getAttribute('aria-pressed'), 'true');
    assert.match(await rows(page).first().innerText(), /cron: .*"9-77" in hour at character 3: 77 is out of range/);
    await rows(page).first().getByRole('link').click();
    await page.getByText('It cannot be scheduled: column cron').waitFor();
  }));

test('Shows an action: its schedule in words, next fires on both clocks, the row', () =>
  onPage('#/actions/5', async (page) => {
    await page.getByRole('heading', {name: 'Rebuild the search index'}).waitFor();
    const text = await page.locator('main').innerText();
    assert.match(text, /at 02:30 on the 1st and 15th of every month and on Sundays, New York time/);
    assert.match(text, /America\/New_York\s+Europe\/Madrid \(yours\)/);
    assert.match(text, /02:30:00 -05:00|02:30:00 -04:00/);
    assert.match(text, /search-index rebuild/);
    assert.match(text, /Worth delivering\s+1 h \(3,600 s\)/);
    assert.equal(await page.title(), 'Rebuild the search index · Action Scheduler');
  }));

test('Shows the latest deliveries of an action', () =>
  onPage('#/actions/1', async (page) => {
    const first = page.locator('.outcomes tbody tr').first();
    await first.getByText('by its schedule').waitFor();
    assert.match(await first.innerText(), /^delivered/);
  }));

test('Says that there is no such action', () =>
  onPage(
    '#/actions/999999999',
    async (page) => {
      await page.getByText('There is no such action').waitFor();
    },
    {refused: [404]},
  ));

test('Shows what a row contains as text', () =>
  onPage('#/actions/13', async (page) => {
    const title = '<img src=x onerror=alert(1)> & "quotes"';
    await page.getByRole('heading', {name: title}).waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    await page.getByRole('link', {name: 'All actions'}).click();
    await page.getByRole('link', {name: title}).waitFor();
    assert.equal(await page.locator('main img').count(), 0);
  }));

test('Never makes markup of texts', () => {
  const folder = path.join(root, 'src/http/page');
  for (const name of fs.readdirSync(folder)) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc/, name);
  }
});

test('Pauses and enables', () =>
  onPage('#/actions/6', async (page) => {
    await page.getByRole('button', {name: 'Pause'}).click();
    await page.getByText('It is paused: none of this fires.').waitFor();
    assert.equal((await action(6)).state, 'disabled');
    assert.equal(await page.getByRole('button', {name: 'Fire now'}).isDisabled(), true);
    await page.getByRole('button', {name: 'Enable'}).click();
    await page.getByRole('button', {name: 'Pause'}).waitFor();
    await eventually('enabled', async () => (await action(6)).state === 'scheduled');
  }));

test('Fires now, once, with the reason in the outcomes', () =>
  onPage('#/actions/2', async (page) => {
    await page.getByRole('button', {name: 'Fire now'}).click();
    await page.getByLabel(/^Why/).fill('the report was wrong');
    await page.getByRole('dialog').getByRole('button', {name: 'Fire now'}).click();
    await page.getByText(/^Asked for 2@/).waitFor();
    const delivered = () =>
      scheduler
        .outputText()
        .split('\n')
        .filter((line) => line.endsWith('| report --kind morning')).length;
    await eventually('the fire is delivered', () => delivered() > 0);
    await page.locator('.outcomes').getByText('the report was wrong').waitFor();
    assert.equal(delivered(), 1);
  }));

test('Delivers past fires again after counting them', () =>
  onPage('#/actions/3', async (page) => {
    await page.getByRole('button', {name: 'Backfill'}).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^4 fires would be delivered/).waitFor();
    await dialog.getByRole('button', {name: 'Backfill'}).click();
    await page.getByText('4 past fires asked for').waitFor();
    await eventually('they are delivered', () => scheduler.outputText().split('| inventory-sync').length > 4);
  }));

test('Edits with a preview of the next fires', () =>
  onPage(
    '#/actions/7',
    async (page) => {
      await page.getByRole('link', {name: 'Edit'}).click();
      const preview = page.locator('.preview');
      await preview.getByText('at 00:00 every day, Berlin time').waitFor();
      const value = page.getByLabel('Minute, hour, day, month, weekday');
      await value.fill('61 6 * * *');
      await preview.getByText(/61 is out of range/).waitFor();
      await page.getByRole('button', {name: 'Save'}).click();
      await page
        .locator('.row-form')
        .getByText(/61 is out of range/)
        .first()
        .waitFor();
      assert.equal((await action(7)).cells.cron.includes('@daily'), true);
      await value.fill('30 2 * * sun');
      await preview.getByText('at 02:30 on Sundays, Berlin time').waitFor();
      assert.equal(await preview.locator('tbody tr').count(), 5);
      await preview.getByText(/02:00 becomes 03:00: .*skipped/).waitFor();
      await page.getByRole('button', {name: 'Save'}).click();
      await page.getByRole('heading', {name: 'Back up customer documents'}).waitFor();
      const {cells} = await action(7);
      assert.deepEqual(JSON.parse(cells.cron), {format: 'unix', params: {value: '30 2 * * sun', jitter: 300}});
      assert.equal(cells.timezone, 'Europe/Berlin');
    },
    {refused: [422]},
  ));

test('Asks before it discards what was typed', () =>
  onPage('#/actions/8/edit', async (page) => {
    await page.getByLabel('Name', {exact: true}).fill('Something else');
    await page.getByRole('link', {name: 'Outcomes'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    assert.equal(await page.getByLabel('Name', {exact: true}).inputValue(), 'Something else');
    await page.getByRole('link', {name: 'Outcomes'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Discard'}).click();
    await page.getByRole('heading', {name: 'Outcomes'}).waitFor();
  }));

test('Adds an action, copies it and removes both after asking', () =>
  onPage(
    '#/add',
    async (page) => {
      await page.getByLabel('Name', {exact: true}).fill('Warm the caches');
      await page.getByLabel('Command', {exact: true}).fill('caches warm');
      await page.getByLabel('Interval').check();
      await page.getByLabel('Minutes').fill('45');
      await page
        .locator('.preview')
        .getByText(/every 45 minutes/)
        .waitFor();
      await page.getByRole('button', {name: 'Add', exact: true}).click();
      await page.getByRole('heading', {name: 'Warm the caches'}).waitFor();
      const id = /actions\/(\d+)$/.exec(page.url())[1];
      assert.deepEqual(JSON.parse((await action(id)).cells.cron), {format: 'interval', params: {minutes: 45}});

      await page.getByRole('link', {name: 'Copy'}).click();
      assert.equal(await page.getByLabel('Name', {exact: true}).inputValue(), 'Warm the caches (copy)');
      await page.getByRole('button', {name: 'Add', exact: true}).click();
      await page.getByRole('heading', {name: 'Warm the caches (copy)'}).waitFor();
      const copy = /actions\/(\d+)$/.exec(page.url())[1];

      for (const [heading, removed] of [
        ['Warm the caches (copy)', copy],
        ['Warm the caches', id],
      ]) {
        await page.goto(`${scheduler.url}#/actions/${removed}`);
        await page.getByRole('heading', {name: heading, exact: true}).waitFor();
        await page.getByRole('button', {name: 'Remove'}).click();
        await page.getByRole('dialog').getByRole('button', {name: 'Remove'}).click();
        await page.getByText(`Action ${removed} is removed.`).waitFor();
        await assert.rejects(action(removed), /404/);
      }
    },
    {refused: [404]},
  ));

test('Asks for the token, says when it is wrong, and goes on with the right one', () =>
  onPage(
    '#/actions/9',
    async (page) => {
      await page.getByRole('button', {name: 'Pause'}).click();
      const token = page.getByLabel('Token', {exact: true}).and(page.locator('input'));
      await token.fill('guess');
      await page.keyboard.press('Enter');
      await page.getByText(/^Wrong token/).waitFor();
      assert.equal((await action(9)).state, 'scheduled');
      await token.fill(kToken);
      await page.keyboard.press('Enter');
      await page.getByText('It is paused: none of this fires.').waitFor();
      assert.equal(await page.evaluate(() => localStorage.length + document.cookie.length), 0);
      await page.getByRole('button', {name: 'Enable'}).click();
      await page.getByRole('button', {name: 'Pause'}).waitFor();
      await page.getByRole('button', {name: 'Forget token'}).click();
      await page.getByRole('button', {name: 'Enter token'}).waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    },
    {token: null, refused: [401]},
  ));

test('Works by keyboard alone', () =>
  onPage('', async (page) => {
    const focused = () => page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id);
    await page.getByText('1–50 of').waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'MAIN');
    await page.keyboard.press('/');
    assert.equal(await focused(), 'search');
    await page.keyboard.type('hourly digest');
    await page.getByText('1–1 of 1 matching').waitFor();
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'Send the hourly digest');
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement, '::after').outlineStyle), 'none');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {name: 'Send the hourly digest'}).waitFor();
    await page.getByRole('button', {name: 'Fire now'}).waitFor();
    for (let presses = 0; (await focused()) !== 'Fire now'; presses += 1) {
      assert.ok(presses < 20, 'Fire now is reached by Tab');
      await page.keyboard.press('Tab');
    }
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    assert.equal(await focused(), 'Fire now');
    await page.keyboard.press('/');
    await page.getByText('1–50 of').waitFor();
    assert.equal(await focused(), 'search');
  }));

test('Retries and drops parked fires', () =>
  onPage('#/parked', async (page) => {
    await page.getByText('Nothing is parked').waitFor();
    const fire = (at) => ({
      id: `5@${at}`,
      action: 5,
      time: at,
      topic: 'reports',
      reason: 'the topic does not exist',
      parked_at: at,
      attempt: 2,
      expires: null,
      requested_by: null,
    });
    const parked = [fire('2026-01-04T07:30:00Z'), fire('2026-01-11T07:30:00Z')];
    const asked = [];
    // Standard output takes everything: what Kafka does not take is made up here. trouble.test.mjs has the real thing.
    await page.route(/api\/v1\/parked(\?|$)/, (route) => route.fulfill({json: {parked, total: parked.length, next_after: null}}));
    await page.route('**/api/v1/parked/*', (route) => {
      asked.push([new URL(route.request().url()).pathname, route.request().postDataJSON()]);
      return route.fulfill({json: route.request().url().endsWith('retry') ? {retried: 1, expired: 0} : {dropped: 2}});
    });
    await page.getByRole('button', {name: 'Retry 5@2026-01-04T07:30:00Z'}).click();
    await assertAccessible(page, 'the dialog');
    await page.getByRole('dialog').getByRole('button', {name: 'Try again'}).click();
    await page.getByText('1 fire will be tried at once').waitFor();
    await page.getByRole('button', {name: 'Drop all'}).click();
    await page.getByLabel(/^Why/).fill('wrong topic');
    await page.getByRole('dialog').getByRole('button', {name: 'Drop'}).click();
    await page.getByText('2 fires noted as failed').waitFor();
    assert.deepEqual(asked, [
      ['/api/v1/parked/retry', {ids: ['5@2026-01-04T07:30:00Z']}],
      ['/api/v1/parked/drop', {all: true, reason: 'wrong topic'}],
    ]);
    await assertAccessible(page, 'parked fires');
  }));

test('Says what is wrong when it does not fire', () =>
  onPage('', async (page) => {
    await page.getByRole('heading', {name: 'Firing on time'}).waitFor();
    const status = await scheduler.api('GET', 'status');
    await page.route('**/api/v1/status', (route) =>
      route.fulfill({
        json: {
          ...status,
          lag_s: 187,
          ready: {ok: false, reason: 'the receiver does not answer'},
          receiver: {answers: false, error: 'db:9092: Connection refused'},
        },
      }),
    );
    await page.getByRole('heading', {name: 'Not firing'}).waitFor();
    await page.getByText('db:9092: Connection refused').waitFor();
    assert.match(await page.locator('.figures').innerText(), /Behind by\s+3 min 7 s/);
    await assertAccessible(page, 'trouble');
  }));

test('Does not ask while nobody looks', () =>
  onPage('', async (page) => {
    await page.getByRole('heading', {name: 'Firing on time'}).waitFor();
    const hide = (hidden) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', {value, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await page.waitForLoadState('networkidle');
    await hide(true);
    let asked = 0;
    page.on('request', () => (asked += 1));
    await pause(4000);
    assert.equal(asked, 0);
    await hide(false);
    await eventually('it asks again', () => asked > 0);
  }));

const kViews = {
  home: ['', 'heading:Firing on time'],
  search: ['#/?search=invoice', 'link:Invoice of customer 16'],
  faulty: ['#/?state=faulty', 'link:of customer 20'],
  action: ['#/actions/5', 'heading:Next fires'],
  'faulty action': ['#/actions/20', 'heading:Next fires'],
  edit: ['#/actions/4/edit', 'heading:Preview'],
  add: ['#/add', 'heading:Preview'],
  parked: ['#/parked', 'heading:Parked fires'],
  outcomes: ['#/outcomes', 'heading:Outcomes'],
};

async function shown(page, [, what]) {
  const [role, name] = what.split(':');
  await page.getByRole(role, {name}).first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({state: 'detached'});
}

for (const [look, options] of Object.entries({light: {}, dark: {colorScheme: 'dark'}, phone: {viewport: kPhone}})) {
  test(`Is accessible and fits the screen: ${look}`, () =>
    onPage(
      '',
      async (page) => {
        for (const [name, view] of Object.entries(kViews)) {
          await page.goto(`${scheduler.url}${view[0]}`);
          await shown(page, view);
          await assertAccessible(page, `${name}, ${look}`);
          await assertNoSidewaysScrolling(page, `${name}, ${look}`);
        }
      },
      options,
    ));
}

test('Goes on by itself when the scheduler comes back', () =>
  onPage(
    '',
    async (page) => {
      await page.getByRole('heading', {name: 'Firing on time'}).waitFor();
      await scheduler.stop();
      await page.getByText('The scheduler does not answer:').waitFor();
      await page.getByRole('heading', {name: 'The scheduler does not answer'}).waitFor();
      await assertAccessible(page, 'no answer');
      await scheduler.start();
      await page.getByRole('heading', {name: 'Firing on time'}).waitFor({timeout: 60_000});
      await page.getByText('The scheduler does not answer:').waitFor({state: 'hidden'});
    },
    {offline: true, refused: [503]},
  ));

test('Makes the pictures of the documents', {skip: !process.env.PAGE_SCREENSHOTS}, async () => {
  const pictures = {
    'dashboard-light': ['', 'home', {}],
    'dashboard-dark': ['', 'home', {colorScheme: 'dark'}],
    'dashboard-phone': ['', 'home', {viewport: kPhone}],
    'action-light': ['#/actions/5', 'action', {}],
    'edit-dark': ['#/actions/5/edit', 'edit', {colorScheme: 'dark'}],
  };
  await scheduler.api('POST', 'actions/4/disable', {});
  for (const [name, [hash, view, options]] of Object.entries(pictures)) {
    await onPage(
      hash,
      async (page) => {
        await shown(page, kViews[view]);
        if (view === 'home') await page.getByText(/in the last 5 min/).waitFor({timeout: 30_000});
        await page.screenshot({path: path.join(root, 'docs/images', `${name}.png`)});
      },
      options,
    );
  }
});
