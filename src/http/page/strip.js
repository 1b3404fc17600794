// The next 24 hours as a strip of bars, one for a quarter of an hour, with a cursor for the mouse and the arrow keys.

import {get, isTrouble, reasonOf} from './api.js';
import {cellText, h, replace, svg} from './dom.js';
import {clockTime, count, counted, dayName, hourOf, rate, time} from './format.js';
import {poll} from './poll.js';

const kPeriodMs = 60_000;
const kHeight = 100;

// Where the cursor stands; it stays when newer figures come.
let selected = 0;

// A round number at or above the largest bar.
function ceiling(largest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(largest, 1)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((value) => value >= largest) ?? largest;
}

const startOf = (data, bin) => new Date(Date.parse(data.from) + bin * data.bin_s * 1000).toISOString();

function binText(data, bin) {
  const [from, to] = [startOf(data, bin), startOf(data, bin + 1)];
  return `${dayName(from)} ${clockTime(from)} to ${clockTime(to)}: ${counted(data.bins[bin], 'fire')}`;
}

function bars(data, top) {
  const shapes = data.bins.map((fires, bin) => {
    if (fires === 0) return null;
    const height = Math.max((fires / top) * kHeight, 1.5);
    return svg('rect', {class: 'bar', x: bin + 0.12, y: kHeight - height, width: 0.76, height});
  });
  return svg(
    'svg',
    {class: 'bars', viewBox: `0 0 ${data.bins.length} ${kHeight}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'},
    shapes,
  );
}

// Marks at full hours of the reader's clock, every third of them named.
function hours(data) {
  const marks = [];
  const [from, end] = [Date.parse(data.from), Date.parse(data.to)];
  for (let at = Math.ceil(from / 3_600_000) * 3_600_000; at < end; at += 3_600_000) {
    const instant = new Date(at).toISOString();
    const hour = hourOf(instant);
    if (Number(hour) % 3 !== 0 || clockTime(instant).slice(3) !== '00') continue;
    const mark = h(
      'span',
      {class: `hour${Number(hour) % 6 === 0 ? '' : ' minor'}`},
      hour === '00' ? dayName(instant).replace(/^\S+ /, '') : `${hour}:00`,
    );
    const share = (at - from) / (end - from);
    if (share > 0.97) continue;
    mark.style.left = `${share * 100}%`;
    marks.push(mark);
  }
  return h('div', {class: 'hours', 'aria-hidden': 'true'}, marks);
}

function chart(data) {
  const top = ceiling(Math.max(...data.bins));
  const cursor = h('div', {class: 'cursor', hidden: true});
  const reading = h('p', {class: 'reading'});
  const slider = h(
    'div',
    {
      class: 'plot',
      role: 'slider',
      tabindex: 0,
      'data-key': 'strip',
      'aria-label': 'Fires in the next 24 hours, by time',
      'aria-valuemin': 0,
      'aria-valuemax': data.bins.length - 1,
      'aria-valuenow': 0,
      'aria-valuetext': binText(data, 0),
    },
    h('span', {class: 'top', 'aria-hidden': 'true'}, count(top)),
    bars(data, top),
    cursor,
  );

  const summary = () => {
    cursor.hidden = true;
    const perSecond = data.fires / Math.max(1, (Date.parse(data.to) - Date.parse(data.from)) / 1000);
    replace(
      reading,
      h('strong', {}, counted(data.fires, 'fire')),
      data.fires > 0 && `, ${rate(perSecond)} on average`,
      data.peak && data.peak.fires > 1 && [' · peak ', count(data.peak.fires), ' in one second, ', time(data.peak.at, 'prose')],
    );
  };
  const point = (bin) => {
    selected = Math.min(Math.max(bin, 0), data.bins.length - 1);
    cursor.hidden = false;
    cursor.style.left = `${(selected / data.bins.length) * 100}%`;
    cursor.style.width = `${100 / data.bins.length}%`;
    slider.setAttribute('aria-valuenow', selected);
    slider.setAttribute('aria-valuetext', binText(data, selected));
    replace(reading, binText(data, selected));
  };
  slider.addEventListener('pointermove', (event) => {
    const box = slider.getBoundingClientRect();
    point(Math.floor(((event.clientX - box.left) / box.width) * data.bins.length));
  });
  slider.addEventListener('pointerleave', () => (document.activeElement === slider ? point(selected) : summary()));
  slider.addEventListener('focus', () => point(selected));
  slider.addEventListener('blur', summary);
  slider.addEventListener('keydown', (event) => {
    const step = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 8, PageDown: -8}[event.key];
    const to = step ? selected + step : {Home: 0, End: data.bins.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    point(to);
  });
  summary();
  return [reading, slider, hours(data)];
}

function busiest(data) {
  const most = data.busiest.filter(({fires}) => fires > 0).slice(0, 3);
  if (most.length === 0) return null;
  return h(
    'p',
    {class: 'busiest'},
    'Busiest: ',
    most.map(({id, name, fires}, i) => [
      i > 0 && ', ',
      h('a', {href: `#/actions/${id}`, 'data-key': `busiest-${id}`}, cellText(name ?? `action ${id}`)),
      ` ${count(fires)}`,
    ]),
  );
}

export function stripSection() {
  const content = h(
    'div',
    {class: 'strip-content', 'aria-busy': 'true'},
    h('p', {class: 'reading'}, 'Counting…'),
    h('div', {class: 'plot empty'}),
  );
  const element = h(
    'section',
    {class: 'strip', 'aria-labelledby': 'strip-title'},
    h('h2', {id: 'strip-title'}, 'Next 24 hours'),
    content,
  );
  let shown = '';
  const polling = poll(async (signal) => {
    try {
      const data = await get('simulate', {bins: 96}, signal);
      content.removeAttribute('aria-busy');
      const text = JSON.stringify(data);
      if (text === shown) return true;
      shown = text;
      replace(
        content,
        data.fires > 0
          ? [chart(data), busiest(data)]
          : [h('p', {class: 'reading'}, h('strong', {}, 'Nothing fires')), h('div', {class: 'plot empty'}), hours(data)],
      );
      return true;
    } catch (error) {
      if (!isTrouble(error)) throw error;
      content.removeAttribute('aria-busy');
      if (!shown) replace(content, h('p', {class: 'reading'}, reasonOf(error)), h('div', {class: 'plot empty'}));
      return false;
    }
  }, kPeriodMs);
  return {element, stop: polling.stop};
}
