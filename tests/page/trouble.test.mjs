// What goes wrong, on the dashboard: fires that a real Kafka does not take, a table that is away. KAFKA_SERVER names the Kafka, as
// scripts/page.sh has it; it makes no topic by itself.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, test} from 'node:test';
import fs from 'node:fs';
import path from 'node:path';
import {assertAccessible, launch, withPage} from './browser.mjs';
import {Scheduler} from './scheduler.mjs';

const kRows = 20;
const kToken = 'open-sesame';
const kTopic = `reports-${process.pid}`; // which is not there yet
const server = process.env.KAFKA_SERVER;

const scheduler = new Scheduler(kRows, kToken, {kafka: {server, topic: 'actions'}});
let browser;

before(async () => {
  // Of these none is due by itself while this runs.
  scheduler.sql(`UPDATE action SET topic = '${kTopic}' WHERE id IN (9, 12)`);
  await scheduler.start();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await scheduler.stop();
  scheduler.remove();
});

const createTopic = () =>
  execFileSync('/usr/bin/python3', [
    '-c',
    'import sys; from confluent_kafka.admin import AdminClient, NewTopic; admin = AdminClient({"bootstrap.servers": sys.argv[1]}); ' +
      '[done.result() for done in admin.create_topics([NewTopic(sys.argv[2], 1, 1)]).values()]',
    server,
    kTopic,
  ]);
// The headers of all its messages, a line each.
const topicText = () =>
  execFileSync('kcat', ['-C', '-b', server, '-t', kTopic, '-e', '-q', '-f', '%s %h\n'], {encoding: 'utf8', timeout: 30_000});

test('Retries and drops what Kafka did not take', () =>
  withPage(browser, scheduler.url, {token: kToken}, async (page) => {
    const dialog = page.getByRole('dialog');
    const rows = page.locator('.parked tbody tr');
    for (const id of [9, 12]) {
      await page.goto(`${scheduler.url}#/actions/${id}`);
      await page.getByRole('button', {name: 'Fire now'}).click();
      await dialog.getByLabel(/^Why/).fill('a trial');
      await dialog.getByRole('button', {name: 'Fire now'}).click();
      await page.getByText(`Asked for ${id}@`).waitFor();
    }

    await page.goto(`${scheduler.url}#/parked`);
    for (const id of [9, 12]) {
      const row = rows.filter({has: page.getByRole('link', {name: String(id), exact: true})});
      await row.getByText(kTopic).first().waitFor();
      await row.getByText(/does not exist: create it/).waitFor();
      await row.getByText('by hand').waitFor();
    }
    await assertAccessible(page, 'parked fires');

    // The topic is not there still.
    await page.getByRole('button', {name: /^Retry 9@/}).click();
    await dialog.getByRole('button', {name: 'Try again'}).click();
    await page.getByText('1 fire will be tried at once').waitFor();
    assert.equal(await rows.count(), 2);

    await page.getByRole('button', {name: /^Drop 12@/}).click();
    await dialog.getByLabel(/^Why/).fill('not wanted any more');
    await dialog.getByRole('button', {name: 'Drop'}).click();
    await page.getByText('1 fire noted as failed').waitFor();
    await page.getByRole('button', {name: /^Drop 12@/}).waitFor({state: 'detached'});

    await page.getByRole('button', {name: 'Retry all'}).click();
    createTopic();
    await dialog.getByRole('button', {name: 'Try again'}).click();
    await page.getByText('Nothing is parked').waitFor({timeout: 60_000});
    const messages = topicText().trim().split('\n');
    assert.equal(messages.length, 1, messages.join('\n'));
    assert.match(messages[0], /^{"command": "statements --year 2026"} .*ce_id=9@.*ce_reason=manual/);

    await page.goto(`${scheduler.url}#/outcomes`);
    await page.getByText(/dropped by hand by .*: not wanted any more: topic .* does not exist/).waitFor();
    await page.getByText(/a trial$/).first().waitFor();
  }));

test('Shows what the scheduler goes on with while the table is away', async () => {
  const file = path.join(scheduler.folder, 'actions.db');
  fs.renameSync(file, `${file}.away`);
  try {
    await withPage(browser, scheduler.url, {token: kToken}, async (page) => {
      await page.getByText('This is what the scheduler goes on with; the table cannot be read').waitFor();
      await page.getByRole('link', {name: 'Build the morning report'}).click();
      await page.getByText('This is what the scheduler goes on with; the table cannot be read').waitFor();
      await page.getByText('at 06:00 on weekdays, Berlin time').waitFor();
      await assertAccessible(page, 'an action while the table is away');
    });
  } finally {
    fs.renameSync(`${file}.away`, file);
  }
});
