// Adds an action or edits one, with a preview of the schedule while it is typed.

import {Problem, change, get, isTrouble} from './api.js';
import {changesOff} from './access.js';
import {note} from './dialogs.js';
import {button, h, icon, newId, replace} from './dom.js';
import {failure, waiting} from './parts.js';
import {previewPanel} from './preview.js';
import {scheduleFields, zoneList} from './schedule_fields.js';

const kNewRow = {
  name: '',
  command: '',
  cron: null,
  merge_missed: null,
  actuality_time: null,
  enabled: null,
  timezone: null,
  topic: null,
  key: null,
  headers: null,
};

// `id`: the action to edit; null to add one. `copyOf`: whose cells a new one begins with.
export function editView({id = null, copyOf = null}, navigate) {
  const title = id === null ? 'Add an action' : `Edit action ${id}`;
  const back = id === null ? '#/' : `#/actions/${id}`;
  const content = h('div', {}, waiting('Loading…'));
  const element = h(
    'article',
    {class: 'edit'},
    h('a', {class: 'back', href: back}, icon('back'), h('span', {}, id === null ? 'All actions' : `Action ${id}`)),
    h('h1', {tabindex: -1}, title),
    content,
    zoneList(),
  );
  let form = null;
  const loading = new AbortController();
  const load = async () => {
    try {
      const from = id ?? copyOf;
      const row = from === null ? {cells: kNewRow} : await get(`actions/${from}`, {}, loading.signal);
      form = rowForm({id, cells: row.cells, copied: id === null && copyOf !== null}, {back, navigate});
      replace(content, form.element);
      if (id === null) form.focus();
    } catch (error) {
      if (loading.signal.aborted) return;
      if (!isTrouble(error)) throw error;
      replace(content, failure('The action cannot be shown', error, load));
    }
  };
  load();
  return {
    title: `${title} · Action Scheduler`,
    element,
    dirty: () => form?.dirty() ?? false,
    stop() {
      loading.abort();
      form?.stop();
    },
  };
}

// A field with its label, a hint beside it, and room for what is wrong with it.
function labelled(label, input, {hint, column}) {
  input.id = newId(column);
  const error = h('span', {class: 'problem', id: `${input.id}-problem`, hidden: true});
  const beside = hint && h('span', {class: 'optional', id: `${input.id}-hint`}, ` ${hint}`);
  input.setAttribute('aria-describedby', [beside?.id, error.id].filter(Boolean).join(' '));
  return {
    input,
    element: h(
      'div',
      {class: 'field wide', 'data-column': column},
      h('div', {class: 'label'}, h('label', {for: input.id}, label), beside),
      input,
      error,
    ),
    fail(text) {
      error.hidden = !text;
      error.textContent = text ?? '';
      if (text) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    },
  };
}

function textField(column, label, value, {hint, rows, mono, placeholder} = {}) {
  const properties = {
    autocomplete: 'off',
    spellcheck: 'false',
    class: mono ? 'mono' : null,
    placeholder,
    value: value ?? '',
    name: column,
  };
  const input = rows ? h('textarea', {rows, ...properties}) : h('input', {type: 'text', ...properties});
  // An empty field is an empty cell, but for texts that must stand.
  const read = () => (input.value === '' && column !== 'name' && column !== 'command' ? null : input.value);
  return {...labelled(label, input, {hint, column}), column, read};
}

function chooseField(column, label, value, choices, hint) {
  const known = choices.some(([choice]) => choice === value);
  const all = known ? choices : [...choices, [value, `as it is: ${value}`]];
  const select = h(
    'select',
    {name: column},
    all.map(([choice, text], i) => h('option', {value: String(i), selected: choice === value}, text)),
  );
  return {...labelled(label, select, {hint, column}), column, read: () => all[Number(select.value)][0]};
}

// Whole seconds become a number; anything else goes as it was typed, for the scheduler to say what is wrong.
function secondsField(column, label, value, hint) {
  const field = textField(column, label, value === null ? '' : String(value), {hint, placeholder: 'as configured'});
  field.input.setAttribute('inputmode', 'numeric');
  return {
    ...field,
    read: () =>
      field.input.value.trim() === ''
        ? null
        : /^-?\d{1,15}$/.test(field.input.value.trim())
          ? Number(field.input.value)
          : field.input.value,
  };
}

function rowForm({id, cells, copied}, {back, navigate}) {
  let saved = false;
  const changed = () => preview.ask();
  const schedule = scheduleFields(cells.cron, cells.timezone, changed);
  const zoneColumn = textField('timezone', 'Zone column', cells.timezone, {
    hint: 'the zone of a schedule that names none',
    placeholder: 'none',
  });
  zoneColumn.input.setAttribute('list', 'zones');
  zoneColumn.input.addEventListener('input', changed);
  const fields = {
    name: textField('name', 'Name', copied ? `${cells.name ?? ''} (copy)` : cells.name, {hint: 'for people'}),
    command: textField('command', 'Command', cells.command, {hint: 'handed over as it is', rows: 3, mono: true}),
    merge_missed: chooseField('merge_missed', 'Missed fires', cells.merge_missed, [
      [null, 'as configured'],
      [true, 'merge into one'],
      [false, 'deliver each'],
    ]),
    actuality_time: secondsField('actuality_time', 'Actuality time', cells.actuality_time, 'seconds; −1: for ever'),
    enabled: chooseField('enabled', 'State', cells.enabled, [
      [cells.enabled === true ? true : null, 'enabled'],
      [false, 'paused'],
    ]),
    timezone: zoneColumn,
    topic: textField('topic', 'Topic', cells.topic, {placeholder: 'as configured'}),
    key: textField('key', 'Key', cells.key, {placeholder: 'as configured'}),
    headers: textField('headers', 'Headers', cells.headers, {
      hint: 'a JSON object of texts',
      rows: 2,
      mono: true,
      placeholder: '{"team": "reports"}',
    }),
  };
  const idField =
    id === null
      ? textField('id', 'Id', '', {hint: 'where the table gives none by itself', placeholder: 'given by the table'})
      : null;
  const scheduleProblem = h('p', {class: 'problem', 'data-column': 'cron', hidden: true});
  const problem = h('p', {class: 'problem', role: 'alert', hidden: true});
  const save = button(id === null ? 'Add' : 'Save', {primary: true, key: 'save', disabled: Boolean(changesOff())});
  save.type = 'submit';

  const preview = previewPanel(() => {
    const cron = schedule.cron();
    const empty = typeof cron === 'string' ? cron.trim() === '' : Object.keys(cron.params).every((name) => name === 'timezone');
    return empty ? null : {cron, timezone: zoneColumn.read()};
  });
  preview.askNow();

  const read = () => ({
    ...Object.fromEntries(Object.values(fields).map((field) => [field.column, field.read()])),
    cron: schedule.cron(),
  });
  const initial = id === null && !copied ? read() : {...read(), ...(copied ? {name: null} : {})};
  const differences = () => {
    const values = read();
    return Object.fromEntries(
      Object.entries(values).filter(([column, value]) => JSON.stringify(value) !== JSON.stringify(initial[column])),
    );
  };
  // A new row has what is required, and otherwise only what was filled in: the table may not have the other columns.
  const newRow = () => {
    const row = Object.fromEntries(
      Object.entries(read()).filter(([column, value]) => value !== null || ['name', 'command', 'cron'].includes(column)),
    );
    const wanted = idField.read();
    return wanted === null ? row : {...row, id: /^-?\d{1,15}$/.test(wanted.trim()) ? Number(wanted) : wanted};
  };

  const fail = (error) => {
    for (const field of Object.values(fields)) field.fail(null);
    scheduleProblem.hidden = true;
    problem.hidden = true;
    if (!error) return;
    const column = error instanceof Problem ? error.fault?.column : null;
    if (column === 'cron') {
      scheduleProblem.textContent = error.fault.message;
      scheduleProblem.hidden = false;
      schedule.element.querySelector('[data-param]')?.focus();
    } else if (column && fields[column]) {
      fields[column].fail(error.fault.message);
      fields[column].input.closest('details')?.setAttribute('open', '');
      fields[column].input.focus();
    } else {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  };

  const more = ['timezone', 'topic', 'key', 'headers'];
  const form = h(
    'form',
    {novalidate: true, class: 'row-form'},
    h(
      'div',
      {class: 'columns'},
      h(
        'div',
        {class: 'column'},
        h('section', {class: 'card', 'aria-label': 'What'}, fields.name.element, fields.command.element),
        h('section', {class: 'card', 'aria-label': 'When'}, h('h2', {}, 'Schedule'), schedule.element, scheduleProblem),
        h(
          'section',
          {class: 'card', 'aria-label': 'Policy'},
          h('div', {class: 'grid policy'}, fields.merge_missed.element, fields.actuality_time.element, fields.enabled.element),
          h(
            'details',
            {open: more.some((column) => cells[column] !== null)},
            h('summary', {}, 'Message and optional columns'),
            more.map((column) => fields[column].element),
            idField?.element,
          ),
        ),
        problem,
        changesOff() && h('p', {class: 'notice'}, changesOff()),
        h('div', {class: 'actions-row'}, h('a', {class: 'button', href: back}, 'Cancel'), save),
      ),
      preview.element,
    ),
  );

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (save.disabled) return;
    fail(null);
    const body = id === null ? newRow() : differences();
    if (id !== null && Object.keys(body).length === 0) return fail(new Error('Nothing was changed.'));
    save.disabled = true;
    try {
      const done = id === null ? await change('POST', 'actions', {body}) : await change('PATCH', `actions/${id}`, {body});
      saved = true;
      note(
        id === null ? `Action ${done.action.id} is added.` : 'Saved. The scheduler takes it up with its next look at the table.',
      );
      navigate(`#/actions/${done.action.id}`);
    } catch (error) {
      if (!isTrouble(error)) throw error;
      fail(error);
    } finally {
      save.disabled = false;
    }
  });

  return {
    element: form,
    focus: () => fields.name.input.focus(),
    dirty: () => !saved && Object.keys(differences()).length > (copied ? 1 : 0),
    stop: preview.stop,
  };
}
