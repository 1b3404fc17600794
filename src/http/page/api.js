// The scheduler's HTTP API, with the token of this session.

import {whenReleased} from './dom.js';

// It answered, and said no: `message` is one line for people, `fault` names a column where a row was refused.
export class Problem extends Error {
  constructor(status, detail, fault) {
    super(detail);
    this.status = status;
    this.fault = fault ?? null;
  }
}

// It did not answer.
export class Unreachable extends Error {}

const kTokenKey = 'action-scheduler-token';
const kTimeoutMs = 30_000;

export const token = () => sessionStorage.getItem(kTokenKey);
export function setToken(value) {
  if (value) sessionStorage.setItem(kTokenKey, value);
  else sessionStorage.removeItem(kTokenKey);
}

// Ids are 64 bits wide. One that a number cannot hold stays the text that it came as.
function parse(text) {
  return JSON.parse(text, (_, value, context) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && context?.source
      ? context.source
      : value,
  );
}

async function problemOf(response) {
  try {
    const problem = parse(await response.text());
    if (typeof problem.detail === 'string') return new Problem(response.status, problem.detail, problem.fault);
  } catch {
    // Something in between answered, not the scheduler.
  }
  return new Problem(response.status, `the server answered ${response.status} ${response.statusText}`.trim());
}

// One request. `query`: null and empty ones are left out. `as`: a token to try in place of the session's. Throws Problem, Unreachable,
// or AbortError when `signal` is aborted.
export async function request(method, path, {query = {}, body, headers: more = {}, signal, as} = {}) {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, value);
  }
  const headers = {Accept: 'application/json', ...more};
  const bearer = as ?? token();
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const timeout = AbortSignal.timeout(kTimeoutMs);
  const abort = new AbortController();
  for (const source of [timeout, signal]) source?.addEventListener('abort', () => abort.abort(source.reason), {once: true});
  if (signal?.aborted) abort.abort(signal.reason);
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: abort.signal,
      cache: 'no-store',
    });
    if (!response.ok) throw await problemOf(response);
    return parse(await response.text());
  } catch (error) {
    if (error instanceof Problem || signal?.aborted) throw error;
    throw new Unreachable(timeout.aborted ? `no answer within ${kTimeoutMs / 1000} s` : 'no connection');
  }
}

// For what is asked again and again and redraws something.
export async function get(path, query, signal) {
  try {
    return await request('GET', path, {query, signal});
  } finally {
    await whenReleased();
  }
}

// Why something is not shown, for people: what the server says to programs about its token is of no use to them.
export const reasonOf = (error) => (error.status === 401 ? 'It is shown once the token is entered.' : error.message);

// What changes something. Where a token is needed it is asked for, and the request made again. `askForToken` is set by the page.
let askForToken = async () => false;
export function onTokenNeeded(ask) {
  askForToken = ask;
}

export async function change(method, path, options = {}) {
  for (;;) {
    try {
      return await request(method, path, options);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || !(await askForToken(token() ? error.message : null)))
        throw error;
    }
  }
}

// Headers for a request that must not count twice when it is made again, after a timeout for one: the same body has the same key.
export function onceHeaders() {
  let last = null;
  let key = null;
  return (body) => {
    if (JSON.stringify(body) !== last) key = crypto.getRandomValues(new Uint32Array(4)).join('-');
    last = JSON.stringify(body);
    return {'Idempotency-Key': key};
  };
}

// Whether a request was not done for a reason that people are told, rather than for a mistake of this page or because it was called off.
export const isTrouble = (error) => error instanceof Problem || error instanceof Unreachable;
