// Asking again and again, politely: not while the page is hidden, less often where an answer is dear, and ever less often while it fails.

const kWorthOfAnAnswer = 20; // An answer that took a second is not asked for more often than every 20.
const kLongestPatienceMs = 5 * 60_000;
const kLongestPauseMs = 15_000; // After failures.

const failing = new Map();

// Asks at once what failed the last time: there is reason to think that it will do better.
export function pollFailedNow() {
  for (const run of [...failing.values()]) run();
}

// Calls `task(signal)` now and then every `periodMs` until stop(); now() asks at once, in place of one that is under way.
export function poll(task, periodMs) {
  let timer = 0;
  let controller = null;
  let failures = 0;
  let dueAt = 0;
  let stopped = false;

  const schedule = (pauseMs) => {
    dueAt = Date.now() + pauseMs;
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = setTimeout(run, pauseMs);
  };
  const run = async () => {
    clearTimeout(timer);
    failing.delete(controller);
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    const started = Date.now();
    let failed = false;
    try {
      failed = (await task(mine.signal)) === false;
    } catch (error) {
      if (!mine.signal.aborted) throw error;
    }
    if (mine.signal.aborted || stopped) return;
    failures = failed ? failures + 1 : 0;
    if (failed) failing.set(mine, run);
    const dear = Math.min((Date.now() - started) * kWorthOfAnAnswer, kLongestPatienceMs);
    schedule(failed ? Math.min(periodMs * 2 ** (failures - 1), kLongestPauseMs) : Math.max(periodMs, dear));
  };
  const visibility = () => {
    if (document.hidden) clearTimeout(timer);
    else schedule(Math.max(0, dueAt - Date.now()));
  };
  document.addEventListener('visibilitychange', visibility);
  run();
  return {
    now: run,
    stop() {
      stopped = true;
      failing.delete(controller);
      clearTimeout(timer);
      controller?.abort();
      document.removeEventListener('visibilitychange', visibility);
    },
  };
}
