// Is it healthy, and how late: a sentence, what is wrong, the figures.

import {h, replace} from './dom.js';
import {count, counted, duration, milliseconds, rate, time} from './format.js';
import {deliveryRate, lateness, service, verdict, watchService} from './service.js';

function figure(label, value, detail, {level, href} = {}) {
  const content = [
    h('dt', {}, label),
    h('dd', {class: `value${level ? ` ${level}` : ''}`}, value),
    h('dd', {class: 'detail'}, detail),
  ];
  if (href) content[1].replaceChildren(h('a', {href, 'data-key': `figure-${label}`}, value));
  return h('div', {class: 'figure'}, content);
}

function figures(status) {
  const late = lateness();
  const perSecond = deliveryRate();
  const other = [
    ['merged', status.totals.merged],
    ['expired', status.totals.expired],
    ['failed', status.totals.failed],
  ]
    .filter(([, n]) => n > 0)
    .map(([word, n]) => `${count(n)} ${word}`);
  return [
    figure(
      'Behind by',
      duration(status.lag_s),
      status.lag_s === 0 ? 'all that was due is settled' : ['settled until ', time(status.watermark, 'absolute')],
      {level: status.lag_s > 5 ? 'bad' : null},
    ),
    figure(
      'Lateness',
      late ? `${late.over ? '> ' : '≤ '}${milliseconds(late.ms)}` : '–',
      late
        ? `99 of 100 ${late.recent ? 'in the last 5 min; worst so far' : 'since the start, worst'} ${milliseconds(status.lateness.worst_ms)}`
        : 'no fires since the start',
    ),
    figure('Delivered', count(status.totals.delivered), [
      perSecond === null ? 'since the start' : `${rate(perSecond)} now`,
      other.length > 0 && `, ${other.join(', ')}`,
    ]),
    figure(
      'Scheduled',
      count(status.actions),
      `of ${counted(status.table.rows, 'row')}, ${counted(status.schedules, 'schedule')}`,
    ),
    figure(
      'Parked',
      count(status.parked),
      status.requested > 0
        ? `${count(status.requested)} asked for by hand`
        : status.parked > 0
          ? 'not taken by the receiver yet'
          : 'nothing is held back',
      {level: status.parked > status.requested ? 'warn' : null, href: status.parked > 0 ? '#/parked' : null},
    ),
    figure('Faulty', count(status.faults), status.faults > 0 ? 'rows cannot be scheduled' : 'every row can be scheduled', {
      level: status.faults > 0 ? 'warn' : null,
      href: status.faults > 0 ? '#/?state=faulty' : null,
    }),
  ];
}

const title = ({level, sentence}) =>
  h(
    'h1',
    {class: `verdict ${level}`, tabindex: -1, 'data-key': 'verdict'},
    h('span', {class: 'dot', 'aria-hidden': 'true'}),
    sentence,
  );

function headline(status, judged) {
  const next = status.next_due ? ['Next fire ', time(status.next_due, 'prose')] : 'Nothing is scheduled to fire.';
  return [
    title(judged),
    judged.word !== 'Not firing' && h('p', {class: 'next-due'}, next),
    h(
      'p',
      {class: 'about'},
      `${status.callback}${status.delivery ? `, ${status.delivery.replaceAll('_', ' ')}` : ''}`,
      ' · table read ',
      status.table.read_at ? time(status.table.read_at, 'relative') : 'never',
      ' · started ',
      time(status.started_at, 'relative'),
    ),
  ];
}

// The section at the top. `stop` ends its updates.
export function healthSection() {
  const head = h('div', {class: 'headline'});
  const troubles = h('ul', {class: 'troubles', role: 'list', hidden: true});
  const numbers = h('dl', {class: 'figures', 'aria-label': 'Figures'});
  const element = h('section', {class: 'health', 'aria-label': 'Health'}, head, troubles, numbers);
  let told = '';
  const stop = watchService(() => {
    const judged = verdict();
    const {status} = service;
    element.classList.toggle('stale', Boolean(service.error && status));
    if (!status || service.error) {
      replace(
        head,
        title(judged),
        status && h('p', {class: 'next-due'}, 'What follows is as of ', time(status.now, 'prose'), '.'),
      );
      return;
    }
    replace(head, headline(status, judged));
    replace(numbers, figures(status));
    const text = JSON.stringify(judged.troubles);
    if (text === told) return;
    told = text;
    troubles.hidden = judged.troubles.length === 0;
    replace(
      troubles,
      judged.troubles.map(({level, text: what}) => h('li', {class: level}, what)),
    );
  });
  return {element, stop};
}
