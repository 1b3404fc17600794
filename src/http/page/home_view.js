// The first view: health, the next 24 hours, and the actions with search and pages.

import {get, isTrouble} from './api.js';
import {button, cellText, h, icon, replace} from './dom.js';
import {count, time} from './format.js';
import {healthSection} from './health.js';
import {failure, outcomeWord, stateMark, tableAway} from './parts.js';
import {poll} from './poll.js';
import {service, watchService} from './service.js';
import {stripSection} from './strip.js';

const kPageSize = 50;
const kPeriodMs = 5000;
const kTypingMs = 250;

// Of the pages that were seen on the way here, the `after` of each: the API pages forwards only. One that was reached by a link
// begins a trail of its own. Kept for as long as search and state.
let trail = {of: null, pages: []};

export function homeView(query, navigate) {
  const health = healthSection();
  const strip = stripSection();
  const list = actionList(query, navigate);
  return {
    title: 'Action Scheduler',
    element: h('div', {class: 'home'}, health.element, strip.element, list.element),
    update: list.update,
    focusSearch: list.focusSearch,
    stop() {
      health.stop();
      strip.stop();
      list.stop();
    },
  };
}

function actionList(query, navigate) {
  let asked = {search: query.get('search') ?? '', after: query.get('after') ?? '', state: query.get('state') ?? ''};
  let shown = null;
  let typing = 0;

  const search = h('input', {
    type: 'search',
    id: 'search',
    name: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 200,
    placeholder: 'Name, command or id',
    value: asked.search,
    'aria-keyshortcuts': '/',
    'aria-describedby': 'search-found',
  });
  const found = h('p', {id: 'search-found', class: 'found', role: 'status'});
  const tabs = h('div', {class: 'tabs', role: 'group', 'aria-label': 'Which actions'});
  const body = h('div', {class: 'list-body', 'aria-busy': 'true'}, skeleton());
  const pages = h('nav', {class: 'pages', 'aria-label': 'Pages of actions', hidden: true});
  const element = h(
    'section',
    {class: 'actions', 'aria-labelledby': 'actions-title'},
    h(
      'div',
      {class: 'list-head'},
      h('h2', {id: 'actions-title'}, 'Actions'),
      tabs,
      h(
        'label',
        {class: 'search'},
        icon('search'),
        h('span', {class: 'hidden-text'}, 'Search actions'),
        search,
        h('kbd', {'aria-hidden': 'true'}, '/'),
      ),
    ),
    found,
    body,
    pages,
  );

  const go = (change) => {
    asked = {...asked, ...change};
    const parameters = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''));
    navigate(`#/${String(parameters) === '' ? '' : `?${parameters}`}`, {replace: change.search !== undefined});
    askAnew();
  };
  const askAnew = () => {
    shown = null;
    body.setAttribute('aria-busy', 'true');
    drawTabs();
    polling.now();
  };
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => go({search: search.value.trim(), after: ''}), kTypingMs);
  });

  const rememberPage = () => {
    const of = JSON.stringify([asked.search, asked.state]);
    if (trail.of !== of || asked.after === '') trail = {of, pages: [asked.after]};
    const at = trail.pages.indexOf(asked.after);
    if (at >= 0) trail.pages.length = at + 1;
    else trail.pages.push(asked.after);
  };

  const polling = poll(async (signal) => {
    try {
      const page = await get('actions', {limit: kPageSize, ...asked}, signal);
      rememberPage();
      const text = JSON.stringify(page);
      body.removeAttribute('aria-busy');
      if (text === shown) return true;
      shown = text;
      replace(body, tableAway(page), page.actions.length > 0 ? table(page.actions) : nothing(asked));
      showPages(page);
      return true;
    } catch (error) {
      if (!isTrouble(error)) throw error;
      body.removeAttribute('aria-busy');
      if (!shown) {
        pages.hidden = true;
        replace(found);
        replace(
          body,
          failure('The actions cannot be listed', error, () => polling.now()),
        );
      }
      return false;
    }
  }, kPeriodMs);

  function showPages(page) {
    const number = trail.pages.length;
    const atStart = asked.after === '';
    const placed = trail.pages[0] === '';
    const first = (number - 1) * kPageSize + 1;
    const last = first + page.actions.length - 1;
    const known = asked.search !== '' ? 0 : asked.state === 'faulty' ? service.status?.faults : service.status?.table.rows;
    const whole = page.next_after === null ? ` of ${count(last)}` : known ? ` of ${count(Math.max(known, last))}` : '';
    const which = placed ? `${count(first)}–${count(last)}${whole}` : `from id ${page.actions[0]?.id}`;
    const text = page.actions.length === 0 ? '' : asked.search === '' ? which : `${which} matching “${asked.search}”`;
    // It is read out when it changes.
    if (found.textContent !== text) replace(found, text);
    pages.hidden = atStart && page.next_after === null;
    replace(
      pages,
      button('First', {key: 'first', disabled: atStart, on: {click: () => go({after: ''})}}),
      button('Previous', {key: 'previous', disabled: atStart, on: {click: () => go({after: trail.pages.at(-2) ?? ''})}}),
      button('Next', {
        key: 'next',
        disabled: page.next_after === null,
        on: {
          click: () => {
            go({after: String(page.next_after)});
            element.scrollIntoView({block: 'start'});
          },
        },
      }),
    );
  }

  const drawTabs = () => {
    const faults = service.status?.faults ?? 0;
    const tab = (label, state) =>
      h(
        'button',
        {
          type: 'button',
          'data-key': `tab-${label}`,
          'aria-pressed': String(asked.state === state),
          on: {click: () => go({state, after: ''})},
        },
        label,
        state === 'faulty' && faults > 0 && h('span', {class: 'badge warn'}, count(faults)),
      );
    replace(tabs, tab('All', ''), tab('Faulty', 'faulty'));
  };
  const stopWatching = watchService(drawTabs);

  // Arrows walk over the rows.
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const links = [...body.querySelectorAll('a.row-link')];
    const at = links.indexOf(document.activeElement);
    if (at < 0 && (document.activeElement !== search || event.key === 'ArrowUp')) return;
    event.preventDefault();
    const to = at + (event.key === 'ArrowDown' ? 1 : -1);
    (to < 0 ? search : links[to])?.focus();
  });

  return {
    element,
    update(next) {
      const wanted = {search: next.get('search') ?? '', after: next.get('after') ?? '', state: next.get('state') ?? ''};
      if (JSON.stringify(wanted) === JSON.stringify(asked)) return;
      if (wanted.state !== asked.state) element.scrollIntoView({block: 'start'});
      asked = wanted;
      if (search.value.trim() !== asked.search) search.value = asked.search;
      askAnew();
    },
    focusSearch() {
      search.focus();
      search.select();
    },
    stop() {
      clearTimeout(typing);
      stopWatching();
      polling.stop();
    },
  };
}

const kColumns = [
  ['id', 'Id'],
  ['name', 'Name'],
  ['schedule', 'Schedule'],
  ['next', 'Next fire'],
  ['last', 'Last fire'],
];

// Roles are said in so many words: on a phone rows are laid out as cards, and browsers then forget what a table is.
function table(actions) {
  return h(
    'table',
    {role: 'table', class: 'list', 'aria-label': 'Actions'},
    h(
      'thead',
      {role: 'rowgroup'},
      h(
        'tr',
        {role: 'row'},
        kColumns.map(([name, label]) => h('th', {role: 'columnheader', scope: 'col', class: name}, label)),
      ),
    ),
    h('tbody', {role: 'rowgroup'}, actions.map(row)),
  );
}

function row(action) {
  const link = h(
    'a',
    {class: 'row-link', href: `#/actions/${action.id}`, 'data-key': `action-${action.id}`},
    action.name === null || action.name === '' ? h('span', {class: 'none'}, 'no name') : cellText(action.name),
  );
  const cell = (name, ...content) => h('td', {role: 'cell', class: name}, content);
  return h(
    'tr',
    {role: 'row', class: action.state},
    cell('id', String(action.id)),
    cell(
      'name',
      stateMark(action.state),
      link,
      action.parked > 0 && h('span', {class: 'badge warn'}, `${count(action.parked)} parked`),
    ),
    action.fault
      ? faultCell(action.fault)
      : [
          cell('schedule', action.schedule),
          cell(
            'next',
            action.next ? time(action.next) : h('span', {class: 'none'}, action.state === 'disabled' ? 'paused' : 'never again'),
          ),
          cell(
            'last',
            action.last
              ? [outcomeWord(action.last.outcome), ' ', time(action.last.time, 'relative')]
              : h('span', {class: 'none'}, '–'),
          ),
        ],
  );
}

const faultCell = ({column, message}) =>
  h(
    'td',
    {role: 'cell', class: 'schedule', colspan: 3},
    h('span', {class: 'fault'}, h('code', {}, column), ': ', cellText(message)),
  );

function skeleton() {
  return h(
    'div',
    {class: 'skeleton'},
    h('p', {class: 'hidden-text'}, 'Loading…'),
    Array.from({length: 8}, () => h('div', {class: 'bone', 'aria-hidden': 'true'})),
  );
}

function nothing({search, state}) {
  if (search !== '')
    return h(
      'div',
      {class: 'empty'},
      h('p', {class: 'lead'}, 'No action matches ', h('q', {}, cellText(search))),
      h('p', {}, 'The search looks at names, commands and ids.'),
    );
  if (state === 'faulty')
    return h(
      'div',
      {class: 'empty'},
      h('p', {class: 'lead'}, 'No faults'),
      h('p', {}, 'Every row of the table can be scheduled.'),
    );
  return h(
    'div',
    {class: 'empty'},
    h('p', {class: 'lead'}, 'No actions yet'),
    h('p', {}, 'Insert a row into the table, or add one here.'),
    h('a', {class: 'button primary', href: '#/add'}, icon('add'), h('span', {}, 'Add an action')),
  );
}
