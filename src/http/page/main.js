// The page: its frame, which view the address names, and the keys that work everywhere.

import {accessButton, askForToken} from './access.js';
import {actionView} from './action_view.js';
import {confirm, notesElement} from './dialogs.js';
import {button, h, icon, replace} from './dom.js';
import {editView} from './edit_view.js';
import {parkedView, outcomesView} from './fires_views.js';
import {clockSkewMs, count, duration, startTicking} from './format.js';
import {homeView} from './home_view.js';
import {askServiceNow, service, startService, verdict, watchService} from './service.js';

const kRoutes = [
  [/^$/, ([], query) => homeView(query, navigate), 'home'],
  [/^add$/, ([], query) => editView({copyOf: query.get('copy')}, navigate)],
  [/^actions\/(-?\d+)$/, ([id]) => actionView(id, navigate)],
  [/^actions\/(-?\d+)\/edit$/, ([id]) => editView({id}, navigate)],
  [/^parked$/, ([], query) => parkedView(query, navigate)],
  [/^outcomes$/, ([], query) => outcomesView(query, navigate)],
];

const main = document.querySelector('main');
let view = null;
let shownHash = null;
let shownRoute = null;

function unknownView() {
  return {
    title: 'Not found · Action Scheduler',
    element: h(
      'div',
      {class: 'empty'},
      h('h1', {tabindex: -1}, 'There is no such page'),
      h('p', {}, h('a', {href: '#/'}, 'All actions')),
    ),
  };
}

function navigate(hash, {replace: inPlace = false} = {}) {
  if (inPlace) {
    history.replaceState(null, '', hash);
    shownHash = location.hash;
    return;
  }
  location.hash = hash;
}

async function show() {
  if (location.hash === shownHash) return;
  if (view?.dirty?.()) {
    const wanted = location.hash;
    history.replaceState(null, '', shownHash);
    const leave = await confirm(
      'Discard your changes?',
      {text: 'What you entered is not saved.', submitLabel: 'Discard', danger: true},
      async () => true,
    );
    if (!leave) return;
    history.replaceState(null, '', wanted);
  }
  const first = shownHash === null;
  shownHash = location.hash;
  const [path, parameters] = location.hash.replace(/^#\/?/, '').split('?');
  const query = new URLSearchParams(parameters ?? '');
  const route = kRoutes.find(([pattern]) => pattern.test(path));
  if (view?.update && route && shownRoute === route) return view.update(query);
  view?.stop?.();
  shownRoute = route;
  view = route ? route[1](route[0].exec(path).slice(1), query) : unknownView();
  document.title = view.title;
  main.replaceChildren(view.element);
  showPlace(path);
  if (first) return;
  window.scrollTo(0, 0);
  if (!main.contains(document.activeElement)) main.querySelector('h1')?.focus({preventScroll: true});
}

function showPlace(path) {
  const place = path === 'parked' || path === 'outcomes' ? path : path === 'add' ? 'add' : 'home';
  for (const link of document.querySelectorAll('[data-place]')) {
    if (link.dataset.place === place)
      link.setAttribute('aria-current', path === link.dataset.place || path === '' ? 'page' : 'true');
    else link.removeAttribute('aria-current');
  }
}

function header() {
  const instance = h('span', {class: 'instance'});
  const pill = h('a', {class: 'pill', href: '#/', 'data-key': 'pill'});
  const parked = h('span', {class: 'badge warn', hidden: true});
  watchService(() => {
    const {level, word} = verdict();
    pill.className = `pill ${level}`;
    replace(pill, h('span', {class: 'dot', 'aria-hidden': 'true'}), h('span', {}, word));
    instance.textContent = service.status?.instance ?? '';
    parked.hidden = !service.status?.parked;
    parked.textContent = count(service.status?.parked ?? 0);
  });
  return h(
    'header',
    {},
    h(
      'div',
      {class: 'bar'},
      h(
        'a',
        {class: 'brand', href: '#/'},
        h('img', {src: 'icon.svg', alt: '', width: 22, height: 22}),
        h('span', {}, 'Action Scheduler'),
      ),
      instance,
      h(
        'nav',
        {'aria-label': 'Views'},
        h('a', {href: '#/', 'data-place': 'home'}, 'Actions'),
        h('a', {href: '#/parked', 'data-place': 'parked'}, 'Parked', parked),
        h('a', {href: '#/outcomes', 'data-place': 'outcomes'}, 'Outcomes'),
      ),
      pill,
      accessButton(),
      h('a', {class: 'button primary add', href: '#/add', 'data-place': 'add'}, icon('add'), h('span', {}, 'Add action')),
    ),
  );
}

// Across the page when the scheduler does not answer, wants a token, or has another idea of the time than this browser.
function banner() {
  const element = h('div', {class: 'banner', role: 'alert', hidden: true});
  let told = '';
  watchService(() => {
    const {error, denied} = service;
    const skew = Math.abs(clockSkewMs()) > 5000;
    const kind = denied ? `denied ${denied.message}` : error ? `error ${error}` : skew ? 'skew' : '';
    if (kind === told) return;
    told = kind;
    element.hidden = kind === '';
    element.className = `banner ${error ? 'bad' : 'note'}`;
    if (denied?.status === 401) {
      replace(
        element,
        h('p', {}, h('strong', {}, 'No access. '), 'This scheduler shows nothing without its token.'),
        button('Enter token', {iconName: 'key', key: 'banner-token', on: {click: () => askForToken()}}),
      );
    } else if (denied) {
      replace(element, h('p', {}, h('strong', {}, 'No access. '), `${denied.message}.`));
    } else if (error) {
      replace(
        element,
        h('p', {}, h('strong', {}, 'The scheduler does not answer: '), `${error}. The page keeps asking.`),
        button('Ask now', {iconName: 'retry', on: {click: askServiceNow}}),
      );
    } else if (skew) {
      replace(
        element,
        h(
          'p',
          {},
          `This device's clock is ${duration(Math.abs(clockSkewMs()) / 1000)} ${clockSkewMs() > 0 ? 'behind' : 'ahead of'} the scheduler's. Times count by the scheduler's.`,
        ),
      );
    }
  });
  return element;
}

function keys(event) {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]')) return;
  event.preventDefault();
  if (!view.focusSearch) {
    navigate('#/');
    show().then(() => view.focusSearch?.());
    return;
  }
  view.focusSearch();
}

document.querySelector('#frame').replaceWith(header(), banner());
document.body.append(notesElement());
document.addEventListener('keydown', keys);
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener('hashchange', show);
window.addEventListener('beforeunload', (event) => {
  if (view?.dirty?.()) event.preventDefault();
});
let askedOnce = false;
watchService(() => {
  if (service.denied?.status !== 401 || askedOnce) return;
  askedOnce = true;
  askForToken();
});
startTicking();
startService();
show();
