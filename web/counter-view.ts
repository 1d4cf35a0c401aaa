import { type Counter, RealtimeError, type Realtime } from '../client/src/index.ts';
import { element, remark, errorText } from './element.ts';

/** The number of characters from which the value is set in a smaller font. */
const LONG_VALUE_LENGTH = 7;

const NUMBERS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** Shows the counter and connects its two buttons. */
export function showCounter(rt: Realtime, counter: Counter): void {
  const value = element('value');
  const note = element('counter-remark');
  counter.on('change', (next) => showValue(value, next));
  counter.on('error', (error) => remark(note, errorText(error), true));
  rt.on('status', (status) => {
    value.toggleAttribute('data-stale', status !== 'online');
    if (status === 'online') remark(note, '');
    if (status === 'offline') remark(note, 'Offline. Your changes wait for the connection.', true);
  });
  const press = (change: () => Promise<number>) => () => {
    change().then(
      () => remark(note, ''),
      (error: unknown) => remark(note, refusal(error), true),
    );
  };
  element('plus').addEventListener(
    'click',
    press(() => counter.increment()),
  );
  element('minus').addEventListener(
    'click',
    press(() => counter.decrement()),
  );
}

function showValue(value: HTMLElement, next: number): void {
  const text = NUMBERS.format(next).replace('-', '−');
  value.textContent = text;
  value.toggleAttribute('data-long', text.length >= LONG_VALUE_LENGTH);
  animate(value, 'moved');
  animate(element('delta'), 'flow');
}

/** Restarts the animation of a class. */
function animate(target: Element, className: string): void {
  target.classList.remove(className);
  // Reading the layout in between restarts it.
  target.getBoundingClientRect();
  target.classList.add(className);
}

const refusal = (error: unknown): string =>
  error instanceof RealtimeError && error.code === 'offline' ? 'Offline for too long. Not counted.' : errorText(error);
