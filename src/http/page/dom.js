// Building the page's elements. Texts become text nodes, never markup: whatever a row contains is shown, not interpreted.

const kSvg = 'http://www.w3.org/2000/svg';

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'selected') {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// An element of HTML. Properties are attributes, `on` holds listeners; what is null, undefined or false is left out, of children too.
export function h(name, properties = {}, ...children) {
  return fill(document.createElement(name), properties, children);
}

export function svg(name, properties = {}, ...children) {
  return fill(document.createElementNS(kSvg, name), properties, children);
}

// Text from a row: isolated, so that writing from right to left does not turn its surroundings around.
export function cellText(text, properties = {}) {
  return h('bdi', properties, text);
}

// Puts new children into a container. The focus stays on the element with the same data-key, where there is one.
export function replace(container, ...children) {
  const active = document.activeElement;
  const key = active && container.contains(active) ? active.dataset.key : undefined;
  container.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  if (key === undefined) return;
  const same = [...container.querySelectorAll('[data-key]')].find((element) => element.dataset.key === key);
  same?.focus({preventScroll: true});
}

let pressed = false;
for (const [event, down] of [
  ['pointerdown', true],
  ['pointerup', false],
  ['pointercancel', false],
]) {
  document.addEventListener(event, () => (pressed = down), {capture: true});
}

// Waits while the mouse or a finger is down: what is replaced between press and release is never clicked.
export async function whenReleased() {
  while (pressed) {
    await new Promise((resolve) => {
      for (const event of ['pointerup', 'pointercancel'])
        document.addEventListener(event, () => setTimeout(resolve), {once: true});
    });
  }
}

let ids = 0;
export function newId(prefix) {
  ids += 1;
  return `${prefix}-${ids}`;
}

// The icons are drawn here: 16 by 16, one line thick.
const kIcons = {
  fire: 'M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 2.5v11l9-5.5z',
  edit: 'M2.5 13.5 3.3 10 11 2.3l2.7 2.7L6 12.7zM9.3 4l2.7 2.7',
  remove: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  add: 'M8 3v10M3 8h10',
  key: 'M10 9.5a3.5 3.5 0 1 0-3.2-2L2.5 11.8v1.7h2V12h1.5v-1.5h1.5L8.3 9.2c.5.2 1.1.3 1.7.3zM11 5h.01',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14',
  back: 'M9.5 3 4.5 8l5 5',
  close: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.6h.01',
  retry: 'M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3',
  history: 'M3 8a5 5 0 1 0 1.5-3.6M3 2v3h3M8 5.5V8l2 1.5',
};

export function icon(name) {
  return svg(
    'svg',
    {class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false'},
    svg('path', {d: kIcons[name]}),
  );
}

export function button(label, {iconName, primary, danger, key, hideLabel, ...properties} = {}) {
  const look = ['button', primary && 'primary', danger && 'danger', hideLabel && 'bare'].filter(Boolean).join(' ');
  return h(
    'button',
    {type: 'button', class: look, 'data-key': key ?? label, ...properties, title: hideLabel ? label : properties.title},
    iconName && icon(iconName),
    h('span', {class: hideLabel ? 'hidden-text' : null}, label),
  );
}
