// Asks for past fire times of an action to be delivered again, with a count before anything is done.

import {change, onceHeaders} from './api.js';
import {ask, reasonFields} from './dialogs.js';
import {cellText, h, replace} from './dom.js';
import {count, counted, kReaderZone, now} from './format.js';

const kTypingMs = 300;

// The value of an <input type=datetime-local>: the reader's clock.
function inputValue(ms) {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const instantOf = (input) => (input.value === '' ? null : `${new Date(input.value).toISOString().slice(0, 19)}Z`);

export function askBackfill(action) {
  return ask('Deliver past fire times again', (close, fail) => {
    const to = Math.floor(now() / 60_000) * 60_000;
    const from = h('input', {type: 'datetime-local', required: true, value: inputValue(to - 3_600_000)});
    const until = h('input', {type: 'datetime-local', required: true, value: inputValue(to)});
    const fields = reasonFields();
    const preview = h('p', {class: 'preview-line', role: 'status'}, 'Counting…');
    const once = onceHeaders();
    let typing = 0;
    let asked = 0;
    const body = () => ({from: instantOf(from), to: instantOf(until), ...fields.said()});
    const dryRun = async () => {
      asked += 1;
      const mine = asked;
      const {from: first, to: last} = body();
      if (!first || !last) return replace(preview, 'Enter both times.');
      try {
        const tried = await change('POST', `actions/${action.id}/backfill`, {
          query: {dry_run: true},
          body: {from: first, to: last},
        });
        if (mine === asked) replace(preview, h('strong', {}, counted(tried.count, 'fire')), ' would be delivered.');
      } catch (error) {
        if (mine === asked) replace(preview, error.message);
      }
    };
    for (const input of [from, until]) {
      input.addEventListener('input', () => {
        clearTimeout(typing);
        typing = setTimeout(dryRun, kTypingMs);
      });
    }
    dryRun();
    const field = (label, input) => h('label', {class: 'field'}, h('span', {class: 'label'}, label), input);
    return {
      content: [
        h('p', {class: 'named'}, h('strong', {}, cellText(action.name || 'no name')), ` · id ${action.id}`),
        h(
          'p',
          {},
          `All fire times from the first to before the second, ${count(10_000)} at most, delivered or not. Times are of ${kReaderZone}.`,
        ),
        h('div', {class: 'two'}, field('From', from), field('To', until)),
        preview,
        fields.element,
      ],
      submitLabel: 'Backfill',
      async submit() {
        try {
          const wanted = body();
          close(await change('POST', `actions/${action.id}/backfill`, {body: wanted, headers: once(wanted)}));
        } catch (error) {
          fail(error.message);
        }
      },
    };
  });
}
