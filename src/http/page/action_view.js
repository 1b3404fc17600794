// One action: what its schedule means, when it fires next, how its fire times ended, and what an operator does about it.

import {change, get, isTrouble, onceHeaders} from './api.js';
import {changesOff} from './access.js';
import {confirm, note} from './dialogs.js';
import {button, cellText, h, icon, replace} from './dom.js';
import {fireTimes} from './fire_times.js';
import {count, counted, duration, time} from './format.js';
import {outcomeTable, parkedTable} from './fires.js';
import {failure, outcomeWord, prose, stateBadge, tableAway, waiting} from './parts.js';
import {poll} from './poll.js';
import {askBackfill} from './backfill.js';
import {watchService} from './service.js';

const kPeriodMs = 5000;

export function actionView(id, navigate) {
  const head = h('div', {class: 'action-head'}, h('h1', {tabindex: -1}, `Action ${id}`));
  const body = h('div', {class: 'action-body'}, waiting('Loading…'));
  const element = h(
    'article',
    {class: 'action'},
    h('a', {class: 'back', href: '#/'}, icon('back'), h('span', {}, 'All actions')),
    head,
    body,
  );
  const view = {title: `Action ${id}`, element, stop: null};
  let shown = null;
  let action = null;

  const polling = poll(async (signal) => {
    try {
      action = await get(`actions/${id}`, {}, signal);
    } catch (error) {
      if (!isTrouble(error)) throw error;
      if (!shown || error.status === 404) {
        shown = null;
        replace(head, h('h1', {tabindex: -1}, `Action ${id}`));
        replace(body, error.status === 404 ? gone() : failure('The action cannot be shown', error, () => polling.now()));
      }
      return false;
    }
    const text = JSON.stringify([action, changesOff()]);
    if (text === shown) return true;
    shown = text;
    document.title = `${action.name || `Action ${id}`} · Action Scheduler`;
    replace(head, headOf(action, commands));
    replace(body, bodyOf(action, polling.now));
    return true;
  }, kPeriodMs);

  const commands = {
    async fire() {
      const once = onceHeaders();
      const done = await confirm(
        'Fire now?',
        {
          text: [named(action), 'A fire beside the schedule, at once. The schedule goes on as it is.'],
          submitLabel: 'Fire now',
          reason: true,
        },
        (said) => change('POST', `actions/${id}/fire`, {body: said, headers: once(said)}),
      );
      if (!done) return;
      note(
        done.repeated
          ? 'Asked for within this second already; it is the same fire.'
          : `Asked for ${done.fires[0] ?? 'a fire'}. It is on disk and will be delivered.`,
      );
      polling.now();
    },
    async setEnabled(enabled) {
      try {
        await change('POST', `actions/${id}/${enabled ? 'enable' : 'disable'}`, {});
        note(
          enabled
            ? 'Enabled. What was due while it was paused is not caught up.'
            : 'Paused. It does not fire until it is enabled.',
        );
      } catch (error) {
        note(error.message, 'bad');
      }
      polling.now();
    },
    async backfill() {
      const done = await askBackfill(action);
      if (done) note(`${counted(done.count, 'past fire')} asked for. They are on disk and will be delivered, oldest first.`);
      polling.now();
    },
    async remove() {
      const done = await confirm(
        'Remove this action?',
        {
          text: [named(action), 'Its row is deleted from the table, and it stops at once. This cannot be taken back.'],
          submitLabel: 'Remove',
          danger: true,
        },
        () => change('DELETE', `actions/${id}`),
      );
      if (!done) return;
      note(`Action ${id} is removed.`);
      navigate('#/');
    },
  };

  const stopWatching = watchService(() => {
    if (!action || !shown) return;
    const text = JSON.stringify([action, changesOff()]);
    if (text !== shown) {
      shown = text;
      replace(head, headOf(action, commands));
    }
  });
  view.stop = () => {
    stopWatching();
    polling.stop();
  };
  return view;
}

const gone = () =>
  h(
    'div',
    {class: 'empty'},
    h('p', {class: 'lead'}, 'There is no such action'),
    h('p', {}, 'The table has no row with this id. It may have been removed, or its id is another.'),
  );

const named = (action) => h('p', {class: 'named'}, h('strong', {}, cellText(action.name || 'no name')), ` · id ${action.id}`);

const whyNotFired = ({state}) =>
  ({disabled: 'It is paused: enable it first', faulty: 'It cannot be scheduled: mend the row first'})[state];

function headOf(action, commands) {
  const off = changesOff();
  const press = (label, iconName, act, properties = {}) =>
    button(label, {iconName, disabled: Boolean(off), on: {click: act}, ...properties});
  const paused = action.state === 'disabled';
  return [
    h(
      'div',
      {class: 'title'},
      h('h1', {tabindex: -1}, action.name ? cellText(action.name) : h('span', {class: 'none'}, 'no name')),
      h(
        'p',
        {class: 'under-title'},
        stateBadge(action.state),
        h('span', {}, `id ${action.id}`),
        action.last && h('span', {}, 'last fire ', outcomeWord(action.last.outcome), ' ', time(action.last.time, 'prose')),
      ),
    ),
    h(
      'div',
      {class: 'commands', role: 'group', 'aria-label': 'What to do'},
      press('Fire now', 'fire', commands.fire, {
        primary: true,
        disabled: Boolean(off) || action.state !== 'scheduled',
        title: whyNotFired(action),
      }),
      paused
        ? press('Enable', 'play', () => commands.setEnabled(true), {key: 'pause'})
        : press('Pause', 'pause', () => commands.setEnabled(false), {key: 'pause'}),
      off
        ? null
        : h('a', {class: 'button', href: `#/actions/${action.id}/edit`, 'data-key': 'edit'}, icon('edit'), h('span', {}, 'Edit')),
      off
        ? null
        : h('a', {class: 'button', href: `#/add?copy=${action.id}`, 'data-key': 'copy'}, icon('copy'), h('span', {}, 'Copy')),
      press('Backfill', 'history', commands.backfill, {disabled: Boolean(off) || action.state !== 'scheduled'}),
      press('Remove', 'remove', commands.remove, {danger: true}),
    ),
    tableAway(action),
    off && h('p', {class: 'notice'}, off),
  ];
}

function bodyOf(action, refresh) {
  const card = (id, title, ...content) => h('section', {class: 'card', 'aria-labelledby': id}, h('h2', {id}, title), content);
  return [
    h(
      'div',
      {class: 'column'},
      card('schedule-title', 'Schedule', scheduleOf(action)),
      card('next-title', 'Next fires', nextFires(action)),
      action.parked.length > 0 &&
        card(
          'parked-title',
          ['Parked ', h('span', {class: 'badge warn'}, count(action.parked.length))],
          parkedTable(action.parked, refresh),
        ),
      card('past-title', 'Past outcomes', past(action)),
    ),
    card('row-title', 'Row', cells(action.cells)),
  ];
}

function scheduleOf(action) {
  if (action.fault) {
    return h(
      'div',
      {class: 'fault-box'},
      icon('warn'),
      h('p', {}, 'It cannot be scheduled: column ', h('code', {}, action.fault.column), '. ', cellText(action.fault.message)),
    );
  }
  return [
    h('p', {class: 'words'}, action.schedule),
    action.state === 'disabled' && h('p', {class: 'notice'}, 'It is paused: none of this fires.'),
    action.silence && h('p', {class: 'notice'}, `It does not fire any more: ${action.silence}.`),
    action.taken_up === false &&
      h('p', {class: 'notice'}, 'The scheduler has not taken up this row as it is now; it will with its next look at the table.'),
    action.remarks.length > 0 &&
      h(
        'ul',
        {class: 'remarks'},
        action.remarks.map((remark) => h('li', {}, prose(remark))),
      ),
    action.counts_from && h('p', {class: 'muted'}, 'Fire times count from ', time(action.counts_from, 'prose'), ' on.'),
  ];
}

function nextFires(action) {
  if (action.fires.length === 0)
    return h('p', {class: 'empty small'}, action.fault ? 'None before the fault is mended.' : 'None.');
  return fireTimes(action.fires, action.timezone);
}

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function cells(row) {
  const given = (value, otherwise) => (value === null ? h('span', {class: 'none'}, otherwise) : value);
  const text = (value, otherwise) => given(value === null ? null : cellText(String(value)), otherwise);
  const actuality =
    typeof row.actuality_time === 'number'
      ? row.actuality_time < 0
        ? 'for ever'
        : `${duration(row.actuality_time)} (${count(row.actuality_time)} s)`
      : text(row.actuality_time, 'as configured');
  const merge =
    typeof row.merge_missed === 'boolean'
      ? row.merge_missed
        ? 'yes, into one'
        : 'no, each is delivered'
      : text(row.merge_missed, 'as configured');
  const line = (label, ...value) => h('div', {}, h('dt', {}, label), h('dd', {}, value));
  const code = (value) => h('pre', {tabindex: 0}, cellText(value));
  return h(
    'dl',
    {class: 'cells'},
    line('Command', row.command === null ? text(null, 'none') : code(row.command)),
    line('Schedule', row.cron === null ? text(null, 'none') : code(pretty(row.cron))),
    line('Merge missed', merge),
    line('Worth delivering', actuality),
    line('Zone column', text(row.timezone, 'none')),
    line('Topic', text(row.topic, 'as configured')),
    line('Key', text(row.key, 'as configured')),
    row.headers !== null && line('Headers', code(pretty(row.headers))),
  );
}

function past(action) {
  const delivered = action.deliveries.map(({time: at}) => ({
    outcome: 'delivered',
    first: at,
    last: at,
    count: 1,
    reason: 'by its schedule',
    noted_at: null,
  }));
  const all = [...action.outcomes, ...delivered].sort((a, b) => (b.noted_at ?? b.last).localeCompare(a.noted_at ?? a.last));
  if (all.length === 0) return h('p', {class: 'empty small'}, 'Nothing yet.');
  return [
    outcomeTable(all, {withAction: false}),
    h(
      'p',
      {class: 'muted'},
      'Of deliveries by the schedule the latest are shown. ',
      h('a', {href: `#/outcomes?action=${action.id}`}, 'All that is noted of this action'),
    ),
  ];
}
