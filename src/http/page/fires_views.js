// All parked fires, and all noted outcomes, a page at a time.

import {get, isTrouble} from './api.js';
import {changesOff} from './access.js';
import {button, h, replace} from './dom.js';
import {drop, outcomeTable, parkedTable, retry} from './fires.js';
import {count, counted} from './format.js';
import {failure, waiting} from './parts.js';
import {poll} from './poll.js';

const kPageSize = 50;
const kPeriodMs = 5000;

// A list that polls while it shows its first page. `load(signal)` gives the nodes to show, and what they were made of.
function polledList(body, title, load) {
  let shown = null;
  const polling = poll(async (signal) => {
    try {
      const {data, draw} = await load(signal);
      const text = JSON.stringify(data);
      if (text === shown) return true;
      shown = text;
      replace(body, draw());
      return true;
    } catch (error) {
      if (!isTrouble(error)) throw error;
      if (!shown)
        replace(
          body,
          failure(title, error, () => polling.now()),
        );
      return false;
    }
  }, kPeriodMs);
  return polling;
}

export function parkedView(query, navigate) {
  const body = h('div', {}, waiting('Loading…'));
  const heading = h('h1', {tabindex: -1}, 'Parked fires');
  const commands = h('div', {class: 'commands'});
  const after = query.get('after') ?? '';
  const polling = polledList(body, 'The parked fires cannot be listed', async (signal) => {
    const page = await get('parked', {limit: kPageSize, after}, signal);
    return {data: [page, changesOff()], draw: () => draw(page)};
  });
  const changed = () => polling.now();
  function draw(page) {
    replace(heading, 'Parked fires', page.total > 0 && h('span', {class: 'badge warn'}, count(page.total)));
    const off = Boolean(changesOff());
    replace(
      commands,
      page.total > 0 && [
        button('Retry all', {
          iconName: 'retry',
          disabled: off,
          on: {
            click: async () =>
              (await retry({all: true}, `All ${counted(page.total, 'parked fire')} will be tried at once.`)) && changed(),
          },
        }),
        button('Drop all', {
          iconName: 'remove',
          danger: true,
          disabled: off,
          on: {
            click: async () =>
              (await drop(
                {all: true},
                `All ${counted(page.total, 'parked fire')} will not be delivered, and are noted as failed.`,
              )) && changed(),
          },
        }),
      ],
    );
    if (page.parked.length === 0) {
      return h(
        'div',
        {class: 'empty'},
        h('p', {class: 'lead'}, 'Nothing is parked'),
        h(
          'p',
          {},
          'A fire that the receiver refuses, because its topic is unknown or it is too large, waits here while the others go on.',
        ),
      );
    }
    return [
      h('div', {class: 'card flush'}, parkedTable(page.parked, changed, {withAction: true})),
      (after !== '' || page.next_after !== null) &&
        h(
          'nav',
          {class: 'pages', 'aria-label': 'Pages of parked fires'},
          button('First', {disabled: after === '', on: {click: () => navigate('#/parked')}}),
          button('Next', {
            disabled: page.next_after === null,
            on: {click: () => navigate(`#/parked?${new URLSearchParams({after: page.next_after})}`)},
          }),
        ),
    ];
  }
  return {
    title: 'Parked fires · Action Scheduler',
    element: h(
      'article',
      {class: 'fires-view'},
      h('div', {class: 'view-head'}, heading, commands),
      h(
        'p',
        {class: 'muted intro'},
        'They are tried again by themselves, less and less often, until they are delivered or expire.',
      ),
      body,
    ),
    stop: polling.stop,
  };
}

const kOutcomes = ['', 'merged', 'expired', 'failed', 'disabled', 'delivered'];

export function outcomesView(query, navigate) {
  const asked = {outcome: query.get('outcome') ?? '', action: query.get('action') ?? '', before: query.get('before') ?? ''};
  const body = h('div', {}, waiting('Loading…'));
  const to = (changed) => {
    const parameters = new URLSearchParams(
      Object.entries({...asked, before: '', ...changed}).filter(([, value]) => value !== ''),
    );
    return `#/outcomes${String(parameters) === '' ? '' : `?${parameters}`}`;
  };
  const polling = polledList(body, 'The outcomes cannot be listed', async (signal) => {
    const page = await get('fires', {limit: kPageSize, ...asked}, signal);
    return {data: page, draw: () => draw(page)};
  });
  function draw(page) {
    if (page.outcomes.length === 0) {
      const any = asked.outcome === '' && asked.action === '';
      return h(
        'div',
        {class: 'empty'},
        h('p', {class: 'lead'}, any ? 'Nothing is noted' : 'Nothing of the kind is noted'),
        h(
          'p',
          {},
          any
            ? 'Every fire was delivered plainly so far, which is counted and not noted.'
            : 'Plain deliveries are counted and not noted.',
        ),
      );
    }
    return [
      h('div', {class: 'card flush'}, outcomeTable(page.outcomes)),
      (asked.before !== '' || page.next_before !== null) &&
        h(
          'nav',
          {class: 'pages', 'aria-label': 'Pages of outcomes'},
          button('Newest', {disabled: asked.before === '', on: {click: () => navigate(to({}))}}),
          button('Older', {
            disabled: page.next_before === null,
            on: {click: () => navigate(to({before: String(page.next_before)}))},
          }),
        ),
    ];
  }
  const tabs = h(
    'div',
    {class: 'tabs', role: 'group', 'aria-label': 'Which outcomes'},
    kOutcomes.map((outcome) =>
      h(
        'button',
        {
          type: 'button',
          'data-key': `outcome-${outcome}`,
          'aria-pressed': String(asked.outcome === outcome),
          on: {click: () => navigate(to({outcome}))},
        },
        outcome === '' ? 'All' : outcome === 'delivered' ? 'by hand' : outcome,
      ),
    ),
  );
  return {
    title: 'Outcomes · Action Scheduler',
    element: h(
      'article',
      {class: 'fires-view'},
      h(
        'div',
        {class: 'view-head'},
        h(
          'h1',
          {tabindex: -1},
          'Outcomes',
          asked.action !== '' && [' of ', h('a', {href: `#/actions/${asked.action}`}, `action ${asked.action}`)],
        ),
        tabs,
      ),
      h(
        'p',
        {class: 'muted intro'},
        'What was merged, expired, failed or disabled, and what was delivered by hand, newest first. Plain deliveries are counted and not noted.',
      ),
      body,
    ),
    stop: polling.stop,
  };
}
