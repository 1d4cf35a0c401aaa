import { type Counter, RealtimeError } from '../client/src/index.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { remark, within } from './element.ts';
import { errorText } from './error-text.ts';

/** The number of characters from which the value is set in a smaller font. */
const LONG_VALUE_LENGTH = 7;

const NUMBERS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** The texts for a change whose answer did not come. The client's own texts speak of requests. */
const REFUSALS: Readonly<Record<string, string>> = {
  offline: 'Offline for too long. Not counted.',
  timeout: 'No answer. It may have been counted or not: the number shows it when the connection is back.',
};

/** The parts that `showCounter` uses. */
export interface CounterViewDeps {
  readonly counter: Counter;
  readonly connection: ConnectionStatus;
  /** Called after each change of the value. */
  readonly onMoved: () => void;
}

/** Shows a counter in `root` and connects its two buttons. Returns a function that ends this. */
export function showCounter(root: HTMLElement, { counter, connection, onMoved }: CounterViewDeps): () => void {
  const value = within(root, '.value');
  const note = within(root, '.remark');
  counter.on('change', (next) => {
    showValue(value, next);
    onMoved();
  });
  counter.on('error', (error) => remark(note, errorText(error), true));
  connectButton(within(root, '.minus'), note, () => counter.decrement());
  connectButton(within(root, '.plus'), note, () => counter.increment());
  return connection.follow((status) => {
    value.toggleAttribute('data-stale', status !== 'online');
    if (status === 'online') remark(note, '');
    if (status === 'offline') remark(note, 'Offline. Changes wait up to 30 seconds for the connection.', true);
  });
}

/** Restarts the animation of a class. */
export function animate(target: Element, className: string): void {
  target.classList.remove(className);
  // Reading the layout in between restarts it.
  target.getBoundingClientRect();
  target.classList.add(className);
}

function connectButton(target: HTMLElement, note: HTMLElement, change: () => Promise<number>): void {
  target.addEventListener('click', () => {
    change().then(
      () => remark(note, ''),
      (error: unknown) => remark(note, refusal(error), true),
    );
  });
}

function showValue(value: HTMLElement, next: number): void {
  const text = NUMBERS.format(next).replace('-', '−');
  value.textContent = text;
  value.toggleAttribute('data-long', text.length >= LONG_VALUE_LENGTH);
  animate(value, 'moved');
}

const refusal = (error: unknown): string =>
  (error instanceof RealtimeError ? REFUSALS[error.code] : undefined) ?? errorText(error);
