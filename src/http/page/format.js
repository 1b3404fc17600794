// Numbers with units, and times: relative to now and absolute, on the reader's clock.

import {h} from './dom.js';

const kNumber = new Intl.NumberFormat('en');
export const kReaderZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

export const count = (n) => kNumber.format(n);
export const counted = (n, one, many = `${one}s`) => `${count(n)} ${Number(n) === 1 ? one : many}`;

export function rate(perSecond) {
  if (perSecond === 0) return '0/s';
  if (perSecond >= 10) return `${count(Math.round(perSecond))}/s`;
  if (perSecond >= 0.1) return `${perSecond.toFixed(1)}/s`;
  return perSecond * 60 >= 0.1 ? `${(perSecond * 60).toFixed(1)}/min` : `${(perSecond * 3600).toFixed(1)}/h`;
}

export function milliseconds(ms) {
  if (ms < 1000) return `${count(Math.round(ms))} ms`;
  return ms < 10_000 && ms % 1000 !== 0 ? `${(ms / 1000).toFixed(1)} s` : duration(ms / 1000);
}

// Two units at most: `42 s`, `12 min 5 s`, `3 h 12 min`, `5 d 2 h`.
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return join(Math.floor(s / 60), 'min', s % 60, 's');
  if (s < 86_400) return join(Math.floor(s / 3600), 'h', Math.floor((s % 3600) / 60), 'min');
  if (s < 365 * 86_400) return join(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3600), 'h');
  return `${count(Math.floor(s / (365 * 86_400)))} y`;
}

function join(large, largeUnit, small, smallUnit) {
  return small === 0 || large >= 10 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

// The server's clock, as far as its whole seconds tell: a reader's clock that is set wrongly must not make fires look late.
let skewMs = 0;
export function setServerClock(instant) {
  const skew = Date.parse(instant) + 500 - Date.now();
  skewMs = Math.abs(skew) > 1500 ? skew : 0;
}
export const now = () => Date.now() + skewMs;
export const clockSkewMs = () => skewMs;

// `ahead`: what was ahead when it was told, and is due once it has passed.
export function relative(instant, ahead = false) {
  const seconds = (Date.parse(instant) - now()) / 1000;
  if (ahead && seconds < 0.5) return 'due now';
  if (Math.abs(seconds) < 0.5) return 'now';
  const s = Math.abs(seconds);
  const text =
    s < 60
      ? `${Math.round(s)} s`
      : s < 3600
        ? `${Math.floor(s / 60)} min`
        : s < 36 * 3600
          ? duration(s)
          : s < 60 * 86_400
            ? `${Math.floor(s / 86_400)} d`
            : s < 730 * 86_400
              ? `${Math.floor(s / (30.44 * 86_400))} months`
              : duration(s);
  return seconds > 0 ? `in ${text}` : `${text} ago`;
}

// Making one is dear, so they are kept.
const formatters = new Map();

function formatter(zone) {
  if (!formatters.has(zone)) {
    formatters.set(
      zone,
      new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'short',
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
      }),
    );
  }
  return formatters.get(zone);
}

const parts = (date, zone) =>
  Object.fromEntries(
    formatter(zone)
      .formatToParts(date)
      .map(({type, value}) => [type, value]),
  );

const dayOf = (p) => `${p.year} ${p.month} ${p.day}`;

// On the reader's clock, as short as it is clear: `21:00`, `tomorrow 06:00`, `Mon 23 Nov 06:00`, `28 Mar 2027 06:00`.
export function absolute(instant) {
  const date = new Date(instant);
  const p = parts(date, kReaderZone);
  const time = p.second === '00' ? `${p.hour}:${p.minute}` : `${p.hour}:${p.minute}:${p.second}`;
  const today = new Date(now());
  const near = (days) => dayOf(parts(new Date(today.getTime() + days * 86_400_000), kReaderZone)) === dayOf(p);
  if (near(0)) return time;
  if (near(1)) return `tomorrow ${time}`;
  if (near(-1)) return `yesterday ${time}`;
  const distance = Math.abs(date.getTime() - today.getTime());
  return distance < 200 * 86_400_000 ? `${p.weekday} ${p.day} ${p.month} ${time}` : `${p.day} ${p.month} ${p.year} ${time}`;
}

// In full: `Mon 23 Nov 2026 06:00:00`, on the reader's clock.
export function absoluteInFull(instant) {
  const p = parts(new Date(instant), kReaderZone);
  return `${p.weekday} ${p.day} ${p.month} ${p.year} ${p.hour}:${p.minute}:${p.second}`;
}

export const hourOf = (instant) => parts(new Date(instant), kReaderZone).hour;

export function dayName(instant) {
  const p = parts(new Date(instant), kReaderZone);
  return `${p.weekday} ${p.day} ${p.month}`;
}

export const clockTime = (instant) => {
  const p = parts(new Date(instant), kReaderZone);
  return `${p.hour}:${p.minute}`;
};

// `2026-11-23T09:00:00+01:00`, a clock somewhere, as `Mon 23 Nov 2026 09:00:00 +01:00`.
export function clockElsewhere(local) {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(.*)$/.exec(local);
  if (!match) return local;
  const p = parts(new Date(`${match[1]}Z`), 'UTC');
  return `${p.weekday} ${p.day} ${p.month} ${p.year} ${p.hour}:${p.minute}:${p.second} ${match[2] === 'Z' ? 'UTC' : match[2]}`;
}

// What a clock with the offset `+01:00` shows at an instant: `Sun 28 Mar 2027 02:00`.
export function clockThen(instant, offset) {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)/.exec(offset) ?? ['', '+', '0', '0'];
  const p = parts(
    new Date(Date.parse(instant) + (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000),
    'UTC',
  );
  return `${p.weekday} ${p.day} ${p.month} ${p.year} ${p.hour}:${p.minute}`;
}

// `name`: of the element that is made.
export function relativeTime(instant, name = 'span') {
  const ahead = Date.parse(instant) > now();
  return h(name, {class: 'relative', 'data-relative': instant, 'data-ahead': ahead}, relative(instant, ahead));
}

// A time that says both, and goes on with the clock. `show`: `relative`, `absolute`, `both` as in a table, or `prose` as in a sentence.
export function time(instant, show = 'both') {
  const title = `${absoluteInFull(instant)} ${kReaderZone}\n${instant.replace('T', ' ').replace('Z', ' UTC')}`;
  const element = h('time', {datetime: instant, title});
  if (show !== 'absolute') element.append(relativeTime(instant));
  if (show !== 'relative')
    element.append(
      show === 'both' ? ' ' : '',
      h('span', {class: 'absolute'}, show === 'prose' ? ` (${absolute(instant)})` : absolute(instant)),
    );
  return element;
}

// Once a second, where somebody looks.
export function startTicking() {
  setInterval(() => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll('[data-relative]')) {
      const text = relative(element.dataset.relative, element.dataset.ahead !== undefined);
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
}
