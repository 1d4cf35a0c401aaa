import { backoffMs } from './backoff.ts';
import * as BOUNDS from './bounds.ts';
import { Link, type LinkDeps, type ReceivedFrame } from './link.ts';
import type { Status } from './types.ts';

/** Which of two connections: the one in use, or the one that is to take its place. */
export type Lane = 'current' | 'next';

export interface ConnectionDeps extends Omit<LinkDeps, 'onOpen' | 'onFrame' | 'onEnd'> {
  readonly random: () => number;
  /** How long the server lets a connection live. */
  readonly lifetimeMs: number;
  readonly onFrame: (frame: ReceivedFrame, lane: Lane) => void;
  readonly onStatus: (status: Status) => void;
  /** The next connection is open, subscribed to these topics by its URL. Once it has caught up, `promote` is to be called. */
  readonly onNextOpen: (topics: readonly string[]) => void;
  /** The next connection will not do; the current one is kept. */
  readonly onNextLost: () => void;
  /** The next connection is the current one now. */
  readonly onPromoted: () => void;
}

/** Each state holds what must be ended on leaving it. */
type State =
  | { readonly name: 'opening'; readonly link: Link }
  | { readonly name: 'open'; readonly link: Link; readonly cancel: () => void }
  | { readonly name: 'renewing'; readonly link: Link; readonly next: Link; readonly cancel: () => void }
  | { readonly name: 'waiting'; readonly cancel: () => void }
  | { readonly name: 'closed' };

const STATUS_OF: Readonly<Record<State['name'], Status>> = {
  opening: 'connecting',
  open: 'online',
  renewing: 'online',
  waiting: 'offline',
  closed: 'closed',
};

/** The server ends a connection in order: of old age, or of idleness. */
const GOING_AWAY = 1001;

/**
 * A connection that goes on through the end of each socket:
 *
 *     opening ──open──▶ open ──near its end──▶ renewing ──caught up, or old one lost──▶ open …
 *        │  ▲             │ ▲─────next one refused─┘  │ old one lost, next not open yet
 *  refused  └─pause over──┼──────────────────────────▶ opening
 *        └──▶ waiting ◀──lost                              any ──close()──▶ closed
 */
export class Connection {
  readonly #deps: ConnectionDeps;
  #state: State;
  #failures = 0;
  #renewalFailures = 0;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#state = { name: 'opening', link: this.#newLink() };
  }

  get status(): Status {
    return STATUS_OF[this.#state.name];
  }

  /** What its socket subscribed to by its URL. */
  get topics(): readonly string[] {
    return 'link' in this.#state ? this.#state.link.topics : [];
  }

  /** Sends a frame that will be answered; false when there is no connection to send it by. */
  send(text: string, lane: Lane): boolean {
    const state = this.#state;
    if (lane === 'next') return state.name === 'renewing' && state.next.send(text);
    return 'link' in state && state.link.send(text);
  }

  /** The next connection has caught up: it takes the place of the current one. */
  promote(): void {
    if (this.#state.name !== 'renewing') return;
    this.#enter(this.#openState(this.#state.next));
    this.#renewalFailures = 0;
    this.#deps.onPromoted();
  }

  /** The device is back, or the tab is looked at again: no pause goes on, and no dead socket is trusted. */
  wake(): void {
    const state = this.#state;
    if (state.name === 'waiting') this.#enter({ name: 'opening', link: this.#newLink() });
    else if (state.name === 'open' || state.name === 'renewing') state.link.probe();
  }

  close(): void {
    if (this.#state.name !== 'closed') this.#enter({ name: 'closed' });
  }

  #enter(next: State): void {
    const left = this.#state;
    this.#state = next;
    if ('cancel' in left) left.cancel();
    const kept = linksOf(next);
    for (const link of linksOf(left)) if (!kept.includes(link)) link.close();
    if (STATUS_OF[left.name] !== STATUS_OF[next.name]) this.#deps.onStatus(STATUS_OF[next.name]);
  }

  #newLink(): Link {
    return new Link({
      ...this.#deps,
      onOpen: (link) => this.#opened(link),
      onFrame: (frame, link) => this.#deps.onFrame(frame, this.#isNext(link) ? 'next' : 'current'),
      onEnd: (link, closeCode) => this.#ended(link, closeCode),
    });
  }

  #isNext = (link: Link): boolean => this.#state.name === 'renewing' && this.#state.next === link;

  #opened(link: Link): void {
    if (this.#isNext(link)) this.#deps.onNextOpen(link.topics);
    else this.#enter(this.#openState(link));
  }

  #ended(link: Link, closeCode: number | undefined): void {
    const state = this.#state;
    if (state.name !== 'renewing') return this.#lost(link, closeCode);
    if (state.next === link) return this.#keepOld(state.link);
    if (state.next.openedAtMs === undefined) return this.#enter({ name: 'opening', link: state.next });
    this.promote();
  }

  /** Connections that began together must not all be renewed together. */
  #openState(link: Link): State {
    const { clock, lifetimeMs, random } = this.#deps;
    const share = BOUNDS.RENEW_FROM_SHARE + random() * (BOUNDS.RENEW_TO_SHARE - BOUNDS.RENEW_FROM_SHARE);
    const ageMs = clock.now() - (link.openedAtMs ?? clock.now());
    const cancel = clock.after(Math.max(0, lifetimeMs * share - ageMs), () => this.#renew(link));
    return { name: 'open', link, cancel };
  }

  #renew(link: Link): void {
    const cancel = this.#deps.clock.after(BOUNDS.RENEW_TIMEOUT_MS, () => this.#keepOld(link));
    this.#enter({ name: 'renewing', link, next: this.#newLink(), cancel });
  }

  #keepOld(link: Link): void {
    const bounds = { baseMs: BOUNDS.RENEW_RETRY_BASE_MS, capMs: BOUNDS.RENEW_RETRY_CAP_MS };
    const delayMs = backoffMs(bounds, this.#renewalFailures, this.#deps.random);
    this.#renewalFailures += 1;
    this.#enter({ name: 'open', link, cancel: this.#deps.clock.after(delayMs, () => this.#renew(link)) });
    this.#deps.onNextLost();
  }

  #lost({ openedAtMs }: Link, closeCode: number | undefined): void {
    const { clock } = this.#deps;
    const isStable = openedAtMs !== undefined && clock.now() - openedAtMs >= BOUNDS.STABLE_AFTER_MS;
    if (isStable) this.#failures = 0;
    // Who is sent away in order comes back at once, but not again and again.
    const isInOrder = closeCode === GOING_AWAY && this.#failures === 0;
    const delayMs = isInOrder ? 0 : this.#pauseMs();
    this.#failures += 1;
    const retry = () => this.#enter({ name: 'opening', link: this.#newLink() });
    this.#enter({ name: 'waiting', cancel: clock.after(delayMs, retry) });
  }

  #pauseMs(): number {
    const bounds = { baseMs: BOUNDS.RECONNECT_BASE_MS, capMs: BOUNDS.RECONNECT_CAP_MS };
    return backoffMs(bounds, this.#failures, this.#deps.random);
  }
}

function linksOf(state: State): readonly Link[] {
  if (state.name === 'renewing') return [state.link, state.next];
  return 'link' in state ? [state.link] : [];
}
