// Pieces that several views show.

import {reasonOf} from './api.js';
import {button, cellText, h, icon} from './dom.js';

const kStates = {scheduled: ['ok', 'Scheduled'], disabled: ['off', 'Paused'], faulty: ['warn', 'Faulty']};
const kOutcomes = {delivered: 'ok', merged: 'note', expired: 'warn', failed: 'bad', disabled: 'off', parked: 'warn'};

// A dot before a name; the word for those who do not see it, or not its colour.
export function stateMark(state) {
  const [level, word] = kStates[state] ?? ['off', state];
  return h('span', {class: `dot ${level}`, title: word, role: 'img', 'aria-label': word});
}

export function stateBadge(state) {
  const [level, word] = kStates[state] ?? ['off', state];
  return h('span', {class: `badge ${level}`}, word);
}

// What ended plainly is told quietly, so that the rest stands out.
export const outcomeWord = (outcome) => (outcome === 'delivered' ? h('span', {class: 'quiet'}, outcome) : outcomeBadge(outcome));

export const outcomeBadge = (outcome) => h('span', {class: `badge ${kOutcomes[outcome] ?? 'off'}`}, outcome);

// A text of the scheduler's in which `code` stands between backticks.
export const prose = (text) => text.split('`').map((part, i) => (i % 2 === 1 ? h('code', {}, part) : part));

// What could not be shown, why, and a way to try again.
export function failure(title, error, retry) {
  return h(
    'div',
    {class: 'empty bad', role: 'alert'},
    icon('warn'),
    h('p', {class: 'lead'}, title),
    h('p', {}, reasonOf(error)),
    retry && button('Try again', {iconName: 'retry', on: {click: retry}}),
  );
}

// Above rows that the table was not asked for: why not.
export const tableAway = ({table_error: reason}) =>
  reason && h('p', {class: 'notice'}, 'This is what the scheduler goes on with; the table cannot be read: ', cellText(reason));

export const waiting = (text) => h('p', {class: 'empty', 'aria-busy': 'true'}, text);
