// The real program on a table of its own: SQLite, fires on standard output or in Kafka, HTTP on a free port of this machine.

import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {build} from './modules.mjs';

const kStartMs = 60_000;
const kStopMs = 20_000;
const program = process.env.ACTION_SCHEDULER ?? path.join(build, 'action-scheduler');

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const quoted = (text) => (text === null ? 'NULL' : `'${String(text).replaceAll("'", "''")}'`);

// What an application might have in its table.
const kJobs = [
  ['Poll the payment provider', 'payments poll', ['interval', {seconds: 5}], null],
  ['Build the morning report', 'report --kind morning', ['unix', {value: '0 6 * * mon-fri'}], 'Europe/Berlin'],
  ['Sync inventory with the warehouse', 'inventory-sync', ['interval', {minutes: 15}], null],
  ['Close the month', 'ledger close --month previous', ['apscheduler', {day: 'last', hour: 23, minute: 30}], 'Asia/Tokyo'],
  ['Rebuild the search index', 'search-index rebuild', ['unix', {value: '30 2 1,15 * sun'}], 'America/New_York'],
  ['Send the hourly digest', 'digest --hourly', ['unix', {value: '0 * * * *'}], null],
  ['Back up customer documents', 'backup documents', ['unix', {value: '@daily', jitter: 300}], 'Europe/Berlin'],
  ['Refresh exchange rates', 'rates-refresh', ['unix', {value: '*/5 9-17 * * mon-fri'}], 'America/New_York'],
  ['Year-end statements', 'statements --year 2026', ['date', {run_date: '2037-12-31T23:59:00'}], 'Europe/London'],
  ['Expire abandoned carts', 'carts expire', ['unix', {value: '*/10 * * * *'}], null],
  ['Recompute recommendations', 'recommend --full', ['unix', {value: '15 4 * * *'}], 'Europe/London'],
  ['Import legacy invoices', 'invoices import', ['date', {run_date: '2024-12-31T23:59:00'}], null],
];

// SQL that fills the table: the jobs above, `rows` in all; the others are spread over the day's minutes, as many tables are.
function sql(rows) {
  const values = kJobs.map(
    ([name, command, [format, params], zone], i) =>
      `(${i + 1}, ${quoted(name)}, ${quoted(command)}, ${quoted(JSON.stringify({format, params}))}, ${quoted(zone)})`,
  );
  return `
    PRAGMA journal_mode = WAL;
    CREATE TABLE action (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL, command VARCHAR NOT NULL, cron JSON NOT NULL,
      merge_missed BOOLEAN, actuality_time INTEGER, enabled BOOLEAN NOT NULL DEFAULT 1, timezone VARCHAR, topic VARCHAR, key VARCHAR, headers JSON);
    INSERT INTO action (id, name, command, cron, timezone) VALUES ${values.join(', ')};
    UPDATE action SET actuality_time = 3600, merge_missed = 1, headers = '{"team": "search"}' WHERE id = 5;
    WITH RECURSIVE n(id) AS (SELECT ${kJobs.length + 1} UNION ALL SELECT id + 1 FROM n WHERE id < ${rows})
    INSERT INTO action (id, name, command, cron) SELECT id,
      printf('%s of customer %d', CASE id % 4 WHEN 0 THEN 'Invoice' WHEN 1 THEN 'Statement' WHEN 2 THEN 'Reminder' ELSE 'Cleanup' END, id),
      printf('customer-job --id %d', id),
      printf('{"format": "unix", "params": {"value": "%d %d * * %s"}}', (id * 7) % 60, CASE WHEN id % 3 = 0 THEN 5 ELSE (id * 11) % 24 END,
             CASE id % 5 WHEN 0 THEN 'mon-fri' ELSE '*' END) FROM n;
    UPDATE action SET cron = '{"format": "unix", "params": {"value": "0 9-77 * * *"}}' WHERE id IN (20, 47, 48);
    UPDATE action SET enabled = 0 WHERE id IN (16, 31);
    UPDATE action SET name = '<img src=x onerror=alert(1)> & "quotes"' WHERE id = 13;`;
}

export class Scheduler {
  // `kafka`: that section of its configuration; without it fires go to standard output.
  constructor(rows, token, {kafka = null} = {}) {
    this.kafka = kafka;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'action-scheduler-page-'));
    this.rows = rows;
    this.token = token;
    execFileSync('sqlite3', [path.join(this.folder, 'actions.db')], {input: sql(rows), stdio: ['pipe', 'ignore', 'inherit']});
  }

  // Starts it, on the same port each time, and waits until it is ready.
  async start() {
    this.port ??= await freePort();
    const config = {
      actions_db: {dialect: 'sqlite', database: 'actions.db'},
      internal_db: {dialect: 'sqlite', database: 'ledger.db'},
      track_changes_period: 2,
      ...(this.kafka ? {kafka: this.kafka} : {action: {callback: 'stdout'}}),
      instance: 'billing',
      http: {listen: `127.0.0.1:${this.port}`, ...(this.token ? {token: this.token} : {})},
    };
    fs.writeFileSync(path.join(this.folder, 'config.yaml'), JSON.stringify(config));
    this.output = fs.openSync(path.join(this.folder, 'output'), 'a');
    this.log = fs.openSync(path.join(this.folder, 'log'), 'a');
    this.process = spawn(program, ['run'], {cwd: this.folder, stdio: ['ignore', this.output, this.log]});
    this.ended = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({code, signal})));
    let end = null;
    this.ended.then((how) => (end = how));
    const until = Date.now() + kStartMs;
    for (;;) {
      if (end) throw new Error(`the scheduler ended with ${JSON.stringify(end)}:\n${this.logText()}`);
      const status = await this.api('GET', 'status').catch(() => null);
      if (status?.ready.ok && status.table.rows === this.rows) return status;
      if (Date.now() > until)
        throw new Error(`the scheduler was not ready in time: ${JSON.stringify(status)}\n${this.logText()}`);
      await pause(100);
    }
  }

  async stop() {
    if (!this.process) return;
    this.process.kill('SIGTERM');
    const how = await Promise.race([this.ended, pause(kStopMs, null, {ref: false})]);
    if (!how) this.process.kill('SIGKILL');
    await this.ended;
    this.process = null;
    if (how?.code !== 0) throw new Error(`the scheduler did not end well: ${JSON.stringify(how)}\n${this.logText()}`);
  }

  remove() {
    fs.rmSync(this.folder, {recursive: true, force: true});
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  // Changes the table as an application would.
  sql(statement) {
    execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(this.folder, 'actions.db'), statement]);
  }

  // Asks the API beside the page.
  async api(method, what, body) {
    const headers = {
      ...(this.token ? {Authorization: `Bearer ${this.token}`} : {}),
      ...(body ? {'Content-Type': 'application/json'} : {}),
    };
    const response = await fetch(`${this.url}api/v1/${what}`, {method, headers, body: body && JSON.stringify(body)});
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${what}: ${response.status} ${answer.detail}`);
    return answer;
  }

  outputText() {
    return fs.readFileSync(path.join(this.folder, 'output'), 'utf8');
  }

  logText() {
    return fs.readFileSync(path.join(this.folder, 'log'), 'utf8').split('\n').slice(-20).join('\n');
  }
}
