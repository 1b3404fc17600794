// Fire times as a table: how far off, on the schedule's clock, on the reader's.

import {h} from './dom.js';
import {absoluteInFull, clockElsewhere, kReaderZone, relativeTime} from './format.js';

export function fireTimes(fires, zone) {
  const same = zone === kReaderZone;
  return h(
    'table',
    {class: 'times', 'aria-label': 'Fire times'},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', {scope: 'col'}, 'When'),
        h('th', {scope: 'col'}, zone ?? 'UTC'),
        !same && h('th', {scope: 'col'}, `${kReaderZone} (yours)`),
      ),
    ),
    h(
      'tbody',
      {},
      fires.map(({utc, local}) =>
        h(
          'tr',
          {},
          relativeTime(utc, 'td'),
          h('td', {class: 'clock'}, clockElsewhere(local)),
          !same && h('td', {class: 'clock'}, absoluteInFull(utc)),
        ),
      ),
    ),
  );
}
