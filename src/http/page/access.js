// The token: asked for when the scheduler wants one, kept for this session of the browser only.

import {Problem, onTokenNeeded, request, setToken, token} from './api.js';
import {ask, note} from './dialogs.js';
import {button, h, replace} from './dom.js';
import {pollFailedNow} from './poll.js';
import {askServiceNow, service, watchService} from './service.js';

let asking = null;

// Asks for the token until one is right. Resolves to whether there is one now. `why`: what was wrong with the one before.
export function askForToken(why = null) {
  asking ??= ask('Enter the token', (close, fail) => {
    const input = h('input', {
      type: 'password',
      autocomplete: 'current-password',
      id: 'token',
      required: true,
      'aria-describedby': 'token-hint',
    });
    if (why) queueMicrotask(() => fail(why));
    return {
      content: [
        h(
          'p',
          {id: 'token-hint'},
          service.denied ? 'Nothing is shown without' : 'What changes something needs',
          ' the token that is configured as ',
          h('code', {}, 'http.token'),
          '. It is kept until this tab is closed.',
        ),
        h('label', {class: 'field'}, h('span', {class: 'label'}, 'Token'), input),
      ],
      submitLabel: 'Use it',
      async submit() {
        const given = input.value.trim();
        if (given === '') return fail('Enter the token.');
        // No other can be sent in a header, and none is ever configured.
        if (!/^[!-~]+$/.test(given)) return fail('Wrong token: a token has no blanks, and nothing but ASCII characters.');
        try {
          await request('GET', 'status', {as: given});
          setToken(given);
          pollFailedNow();
          askServiceNow();
          close(true);
        } catch (error) {
          fail(error instanceof Problem && error.status === 401 ? `Wrong token: ${error.message}` : error.message);
          input.select();
        }
      },
    };
  }).then((given) => {
    asking = null;
    return given === true;
  });
  return asking;
}

// Whether changes are possible at all; if not, a sentence that says why.
export function changesOff() {
  return service.status?.access.writes === 'off'
    ? 'Changes are off: http.listen is no loopback address and http.token is not configured.'
    : null;
}

// The button in the header: enter the token, or forget it.
export function accessButton() {
  const element = h('div', {class: 'access'});
  watchService(() => {
    const wanted = service.status?.access.token || service.denied;
    if (!wanted && !token()) return replace(element);
    replace(
      element,
      token() && !service.denied
        ? button('Forget token', {
            iconName: 'key',
            key: 'access',
            title: 'The token of this session is in use',
            on: {
              click: () => {
                setToken(null);
                askServiceNow();
                note('The token is forgotten.');
              },
            },
          })
        : button('Enter token', {
            iconName: 'key',
            key: 'access',
            title: 'Changes need the token',
            on: {click: () => askForToken()},
          }),
    );
  });
  return element;
}

onTokenNeeded(askForToken);
