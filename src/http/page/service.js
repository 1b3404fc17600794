// How the service does, asked every few seconds for all parts of the page.

import {Problem, get, isTrouble} from './api.js';
import {setServerClock} from './format.js';
import {poll, pollFailedNow} from './poll.js';

const kPeriodMs = 3000;
const kWindowMs = 5 * 60_000;

// `status`: the latest answer, null before the first. `error`: why there is no newer one, null if there is. `denied`: the Problem
// where the server wants a token, or will not talk to this page at all.
export const service = {status: null, error: null, denied: null};

const listeners = new Set();
let samples = [];
let polling = null;

// Calls `listener` now and after each answer, until the function that is returned is called.
export function watchService(listener) {
  listeners.add(listener);
  listener();
  return () => listeners.delete(listener);
}

function tell() {
  for (const listener of [...listeners]) listener();
}

async function ask(signal) {
  try {
    const status = await get('status', {}, signal);
    setServerClock(status.now);
    remember(status);
    const again = service.error !== null;
    Object.assign(service, {status, error: null, denied: null});
    if (again) queueMicrotask(pollFailedNow);
  } catch (error) {
    if (!isTrouble(error)) throw error;
    service.error = error.message;
    service.denied = error instanceof Problem && (error.status === 401 || error.status === 403) ? error : null;
  }
  queueMicrotask(tell);
  return service.error === null;
}

export function startService() {
  polling = poll(ask, kPeriodMs);
}

export const askServiceNow = () => polling?.now();

// Samples of the last minutes, from which follows what happens now rather than since the start.
function remember(status) {
  const at = Date.now();
  const last = samples.at(-1);
  if (last && last.status.started_at !== status.started_at) samples = [];
  samples.push({at, status});
  samples = samples.filter((sample) => at - sample.at <= kWindowMs);
}

// Deliveries a second, over the last minutes; null as long as it cannot be told.
export function deliveryRate() {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || last.at - first.at < 2000) return null;
  return ((last.status.totals.delivered - first.status.totals.delivered) * 1000) / (last.at - first.at);
}

// How late 99 of 100 fires were at most, over the last minutes if fires came in them, else since the start: {ms, recent, over}. `over`:
// later than the last bound of the histogram, and by how much is not known. Null if there were none.
export function lateness() {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!last || last.status.lateness.count === 0) return null;
  const recent = first !== last && last.status.lateness.count > first.status.lateness.count;
  const before = (index) => (recent ? (first.status.lateness.buckets[index]?.count ?? 0) : 0);
  const total = last.status.lateness.count - (recent ? first.status.lateness.count : 0);
  const {buckets} = last.status.lateness;
  const index = buckets.findIndex((bucket, i) => bucket.le_ms !== null && bucket.count - before(i) >= total * 0.99);
  if (index >= 0) return {ms: buckets[index].le_ms, recent, over: false};
  const bounds = buckets.map((bucket) => bucket.le_ms).filter((bound) => bound !== null);
  return {ms: bounds.at(-1) ?? last.status.lateness.worst_ms, recent, over: true};
}

// Later than this is late: a turn of the loop and a slow receiver are not.
const kLateS = 5;

const because = (what, reason) => (reason ? `${what}: ${reason}` : what);

// What is wrong, the worst first: {level, text}.
function troublesOf({alive, ready, ledger, receiver, table, callback}) {
  const troubles = [];
  const trouble = (level, what, reason) => troubles.push({level, text: because(what, reason)});
  if (!alive.ok) trouble('bad', 'The loop does not turn', alive.reason);
  if (!ledger.writes) trouble('bad', 'The ledger takes no writes, so nothing fires', ledger.error);
  if (!receiver.answers) trouble('bad', `The receiver (${callback}) does not take fires`, receiver.error ?? 'not yet');
  if (!table.read_at) trouble('warn', 'The table was not read yet', table.error);
  else if (table.error) trouble('warn', 'The table could not be read; the rows of the last good look are fired', table.error);
  if (!ready.ok && troubles.length === 0) trouble('warn', 'Not ready', ready.reason);
  if (!ledger.durable) trouble('note', 'Missed runs do not survive a restart: internal_db is not configured');
  return troubles;
}

// What is said about the service: in a word, in a sentence, and what is wrong. {level: ok|warn|bad|unknown, word, sentence, troubles}
export function verdict() {
  const {status, error, denied} = service;
  const say = (level, word, sentence, troubles = []) => ({level, word, sentence, troubles});
  if (denied)
    return say('unknown', 'No access', denied.status === 401 ? 'The scheduler wants a token' : 'The scheduler refuses this page');
  if (error) return say('bad', 'Unreachable', 'The scheduler does not answer');
  if (!status) return say('unknown', 'Asking', 'Asking the scheduler');
  const troubles = troublesOf(status);
  const any = (level) => troubles.some((trouble) => trouble.level === level);
  if (any('bad')) return say('bad', 'Not firing', 'Not firing', troubles);
  if (status.lag_s > kLateS) return say('bad', 'Late', 'Firing late', troubles);
  if (any('warn')) return say('warn', 'Degraded', 'Firing, with trouble', troubles);
  return say('ok', 'On time', status.next_due ? 'Firing on time' : 'Nothing to fire', troubles);
}
