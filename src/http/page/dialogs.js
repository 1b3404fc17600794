// Questions (modal), and notes at the edge of the page.

import {button, h, newId, replace} from './dom.js';

// Opens a <dialog> and resolves to what `close(value)` was given; Esc and the cancel button give null. `build(close, fail)` returns
// {content, submitLabel, danger, submit}: submit runs on Enter too, once at a time. `fail(text)` says what went wrong.
export function ask(title, build) {
  return new Promise((resolve) => {
    const titleId = newId('dialog');
    const problem = h('p', {class: 'problem', role: 'alert', hidden: true});
    const opener = document.activeElement;
    const close = (value) => {
      dialog.close();
      dialog.remove();
      // What was pressed may have been drawn anew in the meantime.
      const again = opener?.isConnected ? null : document.querySelector(`[data-key="${CSS.escape(opener?.dataset.key ?? '')}"]`);
      again?.focus();
      resolve(value);
    };
    const fail = (text) => {
      problem.hidden = !text;
      problem.textContent = text ?? '';
    };
    const {content, submitLabel, danger, submit, cancelLabel = 'Cancel'} = build(close, fail);
    const go = button(submitLabel, {primary: !danger, danger, key: 'submit'});
    go.type = 'submit';
    const form = h(
      'form',
      {novalidate: true},
      h('h2', {id: titleId}, title),
      content,
      problem,
      h('div', {class: 'actions-row'}, button(cancelLabel, {key: 'cancel', on: {click: () => close(null)}}), go),
    );
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (go.disabled) return;
      go.disabled = true;
      fail(null);
      try {
        await submit();
      } finally {
        go.disabled = false;
      }
    });
    const dialog = h('dialog', {'aria-labelledby': titleId}, form);
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      close(null);
    });
    document.body.append(dialog);
    dialog.showModal();
    (form.querySelector('input, textarea') ?? (danger ? form.querySelector('[data-key=cancel]') : go)).focus();
  });
}

const kByKey = 'action-scheduler-by';

// Fields for who asks for something and why. said() gives {by, reason}, each where it was entered; who is remembered for this session.
export function reasonFields() {
  const field = (label, maxlength, value = '') => {
    const input = h('input', {type: 'text', maxlength, autocomplete: 'off', value});
    const element = h(
      'label',
      {class: 'field'},
      h('span', {class: 'label'}, label, h('span', {class: 'optional'}, ' optional')),
      input,
    );
    return {input, element};
  };
  const why = field('Why', 500);
  const who = field('Who', 100, sessionStorage.getItem(kByKey) ?? '');
  return {
    element: h('div', {class: 'two'}, why.element, who.element),
    said() {
      const [by, reason] = [who.input.value.trim(), why.input.value.trim()];
      if (by !== '') sessionStorage.setItem(kByKey, by);
      return {...(by === '' ? {} : {by}), ...(reason === '' ? {} : {reason})};
    },
  };
}

// A question whose answer is done by `act(said)`, which may throw. Resolves to what act returned, or null. With `reason` it also asks
// who and why, for the log of outcomes.
export function confirm(title, {text, submitLabel, danger, reason}, act) {
  return ask(title, (close, fail) => {
    const fields = reason ? reasonFields() : null;
    return {
      content: [[text].flat().map((line) => (line instanceof Node ? line : h('p', {}, line))), fields?.element],
      submitLabel,
      danger,
      async submit() {
        try {
          close((await act(fields?.said() ?? {})) ?? true);
        } catch (error) {
          fail(error.message);
        }
      },
    };
  });
}

const kShownMs = 8000;
let notes = null;

// The place where notes appear; read out by screen readers.
export function notesElement() {
  notes = h('div', {class: 'notes', role: 'status', 'aria-live': 'polite'});
  return notes;
}

// Says that something was done, for a while; an error stays until it is closed.
export function note(text, level = 'ok') {
  const element = h(
    'div',
    {class: `toast ${level}`},
    h('p', {}, text),
    button('Close', {iconName: 'close', hideLabel: true, on: {click: () => element.remove()}}),
  );
  replace(notes, element);
  if (level === 'ok') setTimeout(() => element.remove(), kShownMs);
}
