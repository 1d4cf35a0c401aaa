import type { Counter } from '../client/src/index.ts';
import { type Branch, showState } from './branch.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { showCounter } from './counter-view.ts';
import { articleFrom, within } from './element.ts';

/** The parts that a `CounterBranch` uses. */
export interface CounterBranchDeps {
  readonly topic: string;
  readonly counter: Counter;
  readonly connection: ConnectionStatus;
}

/** The view of one counter among the topics. */
export class CounterBranch implements Branch {
  readonly root: HTMLElement;
  readonly #deps: CounterBranchDeps;
  readonly #onEnd: () => void;
  readonly #stopFollowing: readonly (() => void)[];

  constructor(deps: CounterBranchDeps, onEnd: () => void) {
    this.#deps = deps;
    this.#onEnd = onEnd;
    const { topic, counter, connection } = deps;
    this.root = articleFrom('counter-branch', topic);
    this.#stopFollowing = [
      showCounter(this.root, { counter, connection, onMoved: () => undefined }),
      connection.follow(() => this.#showState()),
    ];
    counter.on('state', () => this.#showState());
    within(this.root, 'header button').addEventListener('click', () => this.end());
    within(this.root, '.value').setAttribute('aria-label', `Value of ${topic}`);
    within(this.root, '.minus').setAttribute('aria-label', `Minus one for ${topic}`);
    within(this.root, '.plus').setAttribute('aria-label', `Plus one for ${topic}`);
  }

  focus(): void {
    within(this.root, '.plus').focus();
  }

  end(): void {
    for (const stop of this.#stopFollowing) stop();
    this.#deps.counter.unsubscribe();
    this.root.remove();
    this.#onEnd();
  }

  #showState(): void {
    showState(this.root, this.#deps.connection, this.#deps.counter.state);
  }
}
