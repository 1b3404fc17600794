// What a schedule means while somebody types it: asked of the scheduler, a moment after the last key.

import {isTrouble, request} from './api.js';
import {fireTimes} from './fire_times.js';
import {h, replace} from './dom.js';
import {clockThen} from './format.js';
import {prose} from './parts.js';

const kTypingMs = 250;
const kFires = 5;

function explained(answer) {
  const changes = answer.clock_changes.filter(({effect}) => effect !== 'none' && effect !== 'inactive');
  return [
    h('p', {class: 'words'}, answer.schedule),
    answer.silence && h('p', {class: 'notice'}, `It never fires from now on: ${answer.silence}.`),
    answer.fires.length > 0 && fireTimes(answer.fires, answer.timezone),
    answer.remarks.length > 0 &&
      h(
        'ul',
        {class: 'remarks'},
        answer.remarks.map((remark) => h('li', {}, prose(remark))),
      ),
    changes.length > 0 && [
      h('h3', {}, 'When the clock changes'),
      h(
        'ul',
        {class: 'remarks'},
        changes.map(({at, offset_before: before, offset_after: after, words}) =>
          h('li', {}, `${clockThen(at, before)} becomes ${clockThen(at, after).slice(-5)}: `, prose(words)),
        ),
      ),
    ],
  ];
}

// `question()` gives {cron, timezone}, or null where nothing was entered yet. The element says what it means after each ask().
export function previewPanel(question) {
  const body = h('div', {class: 'preview-body', 'aria-live': 'polite'});
  const element = h(
    'section',
    {class: 'card preview', 'aria-labelledby': 'preview-title'},
    h('h2', {id: 'preview-title'}, 'Preview'),
    body,
  );
  let timer = 0;
  let controller = null;

  const run = async () => {
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    const asked = question();
    if (!asked) {
      element.removeAttribute('aria-busy');
      return replace(body, h('p', {class: 'empty small'}, 'Enter a schedule, and its next fires are shown here.'));
    }
    element.setAttribute('aria-busy', 'true');
    try {
      const answer = await request('POST', 'explain', {body: {...asked, count: kFires}, signal: mine.signal});
      replace(body, explained(answer));
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!isTrouble(error)) throw error;
      replace(body, h('p', {class: 'problem'}, error.message));
    }
    element.removeAttribute('aria-busy');
  };
  return {
    element,
    ask() {
      clearTimeout(timer);
      timer = setTimeout(run, kTypingMs);
    },
    askNow: run,
    stop() {
      clearTimeout(timer);
      controller?.abort();
    },
  };
}
