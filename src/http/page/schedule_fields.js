// Fields for the column `cron`: those of its four formats, or its JSON as it is where they cannot show it.

import {h, newId, replace} from './dom.js';

const kCommon = [
  ['start_date', 'Not before', '2026-12-01 or 2026-12-01T10:00:00'],
  ['end_date', 'Not after', '2026-12-31T18:00:00'],
  ['jitter', 'Jitter, seconds', '0'],
];

// `numbers`: parameters that are JSON integers, not texts.
export const kFormats = {
  unix: {
    label: 'Unix cron',
    more: kCommon,
    numbers: [],
    fields: [['value', 'Minute, hour, day, month, weekday', '*/5 9-17 * * mon-fri']],
    examples: [
      ['*/5 * * * *', 'every 5 min'],
      ['0 * * * *', 'hourly'],
      ['0 6 * * *', 'daily at 6'],
      ['0 9 * * mon-fri', 'weekdays at 9'],
      ['0 0 1 * *', 'monthly'],
    ],
  },
  apscheduler: {
    label: 'APScheduler',
    more: kCommon,
    numbers: [],
    fields: [
      ['year', 'Year', '*'],
      ['month', 'Month', '*'],
      ['day', 'Day', 'last'],
      ['week', 'ISO week', '*'],
      ['day_of_week', 'Weekday', 'mon-fri'],
      ['hour', 'Hour', '9-17'],
      ['minute', 'Minute', '0'],
      ['second', 'Second', '0'],
    ],
  },
  interval: {
    label: 'Interval',
    more: kCommon,
    numbers: ['weeks', 'days', 'hours', 'minutes', 'seconds'],
    fields: [
      ['weeks', 'Weeks', '0'],
      ['days', 'Days', '0'],
      ['hours', 'Hours', '0'],
      ['minutes', 'Minutes', '0'],
      ['seconds', 'Seconds', '0'],
    ],
  },
  date: {label: 'Once', more: [kCommon[2]], numbers: [], fields: [['run_date', 'Date and time', '2026-12-31T23:59:00']]},
};

const paramsOf = (format) => [...kFormats[format].fields, ...kFormats[format].more].map(([name]) => name);

// The schedule of a row as {format, params, timezone} if the fields can show all of it; null if only its JSON can.
function readCron(text) {
  let cron;
  try {
    cron = JSON.parse(text);
    if (typeof cron === 'string') cron = JSON.parse(cron);
  } catch {
    return null;
  }
  if (cron === null || typeof cron !== 'object' || Array.isArray(cron) || !Object.hasOwn(kFormats, cron.format)) return null;
  const {params} = cron;
  if (
    params === null ||
    typeof params !== 'object' ||
    Array.isArray(params) ||
    Object.keys(cron).some((key) => key !== 'format' && key !== 'params')
  )
    return null;
  const {timezone = null, ...others} = params;
  const known = paramsOf(cron.format);
  const showable = Object.entries(others).every(
    ([name, value]) => known.includes(name) && (value === null || ['string', 'number'].includes(typeof value)),
  );
  if (!showable || (timezone !== null && typeof timezone !== 'string')) return null;
  const texts = Object.fromEntries(
    Object.entries(others)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, String(value)]),
  );
  return {format: cron.format, params: texts, timezone};
}

// Whole numbers become numbers where the format wants them; anything else goes as it was typed, for the scheduler to say what is wrong.
function paramValue(format, name, text) {
  const isNumber = kFormats[format].numbers.includes(name) || name === 'jitter';
  return isNumber && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

// The fields, filled from `cronText`, the column's text (null: a new row); `zoneColumn`: the zone that counts where the
// schedule names none. `changed` is called when somebody changes one.
// cron(): the schedule as an object, or as text where it is edited as JSON.
export function scheduleFields(cronText, zoneColumn, changed) {
  const read = cronText === null ? {format: 'unix', params: {}, timezone: null} : readCron(cronText);
  let format = read ? read.format : 'json';
  const texts = Object.fromEntries(Object.keys(kFormats).map((name) => [name, name === read?.format ? {...read.params} : {}]));
  let json = cronText ?? '';
  const zone = h('input', {
    type: 'text',
    id: newId('zone'),
    list: 'zones',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: zoneColumn || 'as configured',
    value: read?.timezone ?? '',
  });
  const fields = h('div', {class: 'schedule-fields'});

  const cron = () => {
    if (format === 'json') return json;
    const params = {};
    for (const name of paramsOf(format)) {
      const text = (texts[format][name] ?? '').trim();
      if (text !== '') params[name] = paramValue(format, name, text);
    }
    if (zone.value.trim() !== '') params.timezone = zone.value.trim();
    return {format, params};
  };

  const input = ([name, label, placeholder], wide) => {
    const element = h('input', {
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      class: 'mono',
      placeholder,
      value: texts[format][name] ?? '',
      'data-param': name,
      inputmode: kFormats[format].numbers.includes(name) ? 'numeric' : null,
    });
    element.addEventListener('input', () => {
      texts[format][name] = element.value;
      changed();
    });
    return h('label', {class: wide ? 'field wide' : 'field'}, h('span', {class: 'label'}, label), element);
  };

  const draw = () => {
    if (format === 'json') {
      const area = h('textarea', {class: 'mono', rows: 6, spellcheck: 'false', value: json, 'data-param': 'json'});
      area.addEventListener('input', () => {
        json = area.value;
        changed();
      });
      return replace(fields, h('label', {class: 'field wide'}, h('span', {class: 'label'}, 'JSON'), area));
    }
    const {fields: main, more, examples} = kFormats[format];
    const wide = main.length === 1;
    const open = more.some(([name]) => (texts[format][name] ?? '') !== '');
    return replace(
      fields,
      h(
        'div',
        {class: wide ? 'grid one' : 'grid'},
        main.map((field) => input(field, wide)),
      ),
      examples &&
        h(
          'div',
          {class: 'examples', role: 'group', 'aria-label': 'Examples'},
          examples.map(([value, label]) =>
            h(
              'button',
              {
                type: 'button',
                class: 'chip',
                title: value,
                on: {
                  click: () => {
                    texts[format].value = value;
                    fields.querySelector('[data-param=value]').value = value;
                    changed();
                  },
                },
              },
              label,
            ),
          ),
        ),
      h('label', {class: 'field wide', for: zone.id}, h('span', {class: 'label'}, 'Time zone'), zone),
      h(
        'details',
        {open},
        h('summary', {}, 'Start, end, jitter'),
        h(
          'div',
          {class: 'grid'},
          more.map((field) => input(field, false)),
        ),
      ),
    );
  };

  zone.addEventListener('input', changed);
  const group = newId('format');
  const choices = [...Object.entries(kFormats).map(([name, {label}]) => [name, label]), ['json', 'JSON']];
  const choice = h(
    'fieldset',
    {class: 'choice'},
    h('legend', {class: 'label'}, 'Format'),
    choices.map(([name, label]) => {
      const radio = h('input', {type: 'radio', name: group, value: name, checked: name === format, 'data-format': name});
      radio.addEventListener('change', () => {
        if (name === 'json') json = JSON.stringify(cron(), null, 2);
        format = name;
        draw();
        changed();
      });
      return h('label', {}, radio, h('span', {}, label));
    }),
  );
  draw();
  return {element: h('div', {}, choice, fields), cron};
}

// Names for the zone fields to suggest.
export function zoneList() {
  const names = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return h(
    'datalist',
    {id: 'zones'},
    ['UTC', ...names.filter((name) => name !== 'UTC')].map((value) => h('option', {value})),
  );
}
