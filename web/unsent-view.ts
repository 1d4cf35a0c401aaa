import { button, part } from './element.ts';
import { errorText } from './error-text.ts';
import type { Fate, Outgoing } from './outbox.ts';

/** The number of texts that are kept. One more drops the oldest. */
const MOST_UNSENT = 50;

const NOTES = {
  'not-sent': () => 'Not published: there was no connection.',
  unknown: () => 'No answer: it may have been published or not. Published again within nine minutes, it appears once.',
  'unknown-for-good': () =>
    'It may have been published nine minutes ago or earlier. Published again, it may appear twice.',
  refused: (error) => `Not published. ${errorText(error)}`,
} as const satisfies Record<Fate, (error: unknown) => string>;

/**
 * The texts of one topic that were not published, or of which nobody knows. Each waits for a decision of its author.
 */
export class UnsentView {
  readonly #list: HTMLElement;
  readonly #again: (outgoing: Outgoing, fate: Fate) => void;

  constructor(list: HTMLElement, again: (outgoing: Outgoing, fate: Fate) => void) {
    this.#list = list;
    this.#again = again;
  }

  show(outgoing: Outgoing, fate: Fate, error: unknown): void {
    const line = document.createElement('li');
    const take = (): void => {
      line.remove();
      this.#again(outgoing, fate);
    };
    line.append(
      part('span', 'body', outgoing.text),
      part('span', 'note', NOTES[fate](error)),
      button('Publish again', take),
      button('Discard', () => line.remove()),
    );
    this.#list.append(line);
    while (this.#list.childElementCount > MOST_UNSENT) this.#list.firstElementChild?.remove();
  }
}
