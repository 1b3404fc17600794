// Tables of noted outcomes and of parked fires, and what can be done about the latter.

import {change} from './api.js';
import {changesOff} from './access.js';
import {confirm, note} from './dialogs.js';
import {button, cellText, h} from './dom.js';
import {absolute, count, counted, time} from './format.js';
import {outcomeBadge} from './parts.js';

const head = (...labels) =>
  h(
    'thead',
    {role: 'rowgroup'},
    h(
      'tr',
      {role: 'row'},
      labels
        .filter(Boolean)
        .map((label) =>
          h('th', {role: 'columnheader', scope: 'col'}, label === 'Commands' ? h('span', {class: 'hidden-text'}, label) : label),
        ),
    ),
  );
const cell = (label, ...content) => h('td', {role: 'cell', 'data-label': label}, h('div', {}, content));

const actionLink = (id, key) => h('a', {href: `#/actions/${id}`, 'data-key': `${key}-action`}, String(id));

function fireTimeRange({first, last, count: fires}) {
  if (first === last) return time(first);
  return [time(last), h('span', {class: 'muted'}, `${counted(fires, 'fire time')} since ${absolute(first)}`)];
}

export function outcomeTable(outcomes, {withAction = true} = {}) {
  return h(
    'table',
    {role: 'table', class: 'list outcomes', 'aria-label': 'Outcomes'},
    head('Outcome', withAction && 'Action', 'Fire time', 'Reason', 'Noted'),
    h(
      'tbody',
      {role: 'rowgroup'},
      outcomes.map((outcome, i) =>
        h(
          'tr',
          {role: 'row'},
          cell(
            'Outcome',
            outcomeBadge(outcome.outcome),
            outcome.count > 1 && h('span', {class: 'quiet'}, ` ×${count(outcome.count)}`),
          ),
          withAction && cell('Action', actionLink(outcome.action, `outcome-${i}`)),
          cell('Fire time', fireTimeRange(outcome)),
          cell('Reason', cellText(outcome.reason)),
          cell('Noted', outcome.noted_at ? time(outcome.noted_at, 'relative') : h('span', {class: 'none'}, '–')),
        ),
      ),
    ),
  );
}

export async function retry(what, text) {
  const done = await confirm('Try again now?', {text, submitLabel: 'Try again', reason: true}, (said) =>
    change('POST', 'parked/retry', {body: {...what, ...said}}),
  );
  if (done)
    note(
      `${counted(done.retried, 'fire')} will be tried at once${done.expired > 0 ? `, ${count(done.expired)} are beyond their actuality time and will expire` : ''}.`,
    );
  return done;
}

export async function drop(what, text) {
  const done = await confirm('Give up?', {text, submitLabel: 'Drop', danger: true, reason: true}, (said) =>
    change('POST', 'parked/drop', {body: {...what, ...said}}),
  );
  if (done) note(`${counted(done.dropped, 'fire')} noted as failed.`);
  return done;
}

// Parked fires with their commands. `changed` is called after one was used.
export function parkedTable(fires, changed, {withAction = false} = {}) {
  const off = Boolean(changesOff());
  return h(
    'table',
    {role: 'table', class: 'list parked', 'aria-label': 'Parked fires'},
    head(withAction && 'Action', 'Fire time', 'Topic', 'Why it is parked', 'Expires', 'Commands'),
    h(
      'tbody',
      {role: 'rowgroup'},
      fires.map((fire) =>
        h(
          'tr',
          {role: 'row'},
          withAction && cell('Action', actionLink(fire.action, fire.id)),
          cell(
            'Fire time',
            time(fire.time),
            fire.requested_by !== null && [' ', h('span', {class: 'badge note', title: fire.requested_by}, 'by hand')],
          ),
          cell('Topic', cellText(fire.topic)),
          cell(
            'Why it is parked',
            cellText(fire.reason),
            h(
              'span',
              {class: 'muted'},
              ' parked ',
              time(fire.parked_at, 'relative'),
              fire.attempt > 1 && `, attempt ${count(fire.attempt)}`,
            ),
          ),
          cell('Expires', fire.expires ? time(fire.expires, 'relative') : h('span', {class: 'none'}, 'never')),
          cell(
            'Commands',
            h(
              'div',
              {class: 'row-commands'},
              button('Retry', {
                key: `retry-${fire.id}`,
                disabled: off,
                'aria-label': `Retry ${fire.id}`,
                on: {
                  click: async () => {
                    if (await retry({ids: [fire.id]}, h('p', {class: 'named'}, h('code', {}, fire.id)))) changed();
                  },
                },
              }),
              button('Drop', {
                key: `drop-${fire.id}`,
                danger: true,
                disabled: off,
                'aria-label': `Drop ${fire.id}`,
                on: {
                  click: async () => {
                    if (
                      await drop({ids: [fire.id]}, [
                        h('p', {class: 'named'}, h('code', {}, fire.id)),
                        'It will not be delivered, and is noted as failed.',
                      ])
                    )
                      changed();
                  },
                },
              }),
            ),
          ),
        ),
      ),
    ),
  );
}
