import { connect } from '@distributary/client';
import { element } from './element.ts';
import { serverUrl } from './server-url.ts';

/** The data of each topic, checked by the compiler. */
interface Topics {
  hello: string;
  'counter:votes': number;
}

const rt = connect<Topics>(serverUrl());

rt.on('status', (status) => {
  element('status').textContent = status;
});

const votes = rt.counter('votes');
votes.on('change', (value) => {
  element('votes').textContent = String(value);
});
element('plus').addEventListener('click', () => void votes.increment());

// The last twenty messages first, then each as it comes: in order, once, also after a reconnect.
rt.subscribe('hello', { history: 20 }).on('message', ({ data }) => {
  const line = document.createElement('li');
  line.textContent = data;
  element('messages').append(line);
});

element('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const input = element('say').querySelector('input');
  if (input === null) return;
  void rt.publish('hello', input.value);
  input.value = '';
});
