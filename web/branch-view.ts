import type { Realtime, Subscription } from '../client/src/index.ts';
import { type Branch, showState } from './branch.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { articleFrom, field, remark, within } from './element.ts';
import { EndFollower } from './end-follower.ts';
import { errorText } from './error-text.ts';
import { gapLine, lineKey, messageLine } from './lines.ts';
import { type Fate, Outbox, type Outgoing } from './outbox.ts';
import { dataOf } from './said.ts';
import { UnsentView } from './unsent-view.ts';

/** The number of lines of one topic that are kept; older ones are dropped. */
const MOST_LINES = 200;

/** The parts that a `BranchView` uses. */
export interface BranchViewDeps {
  readonly rt: Realtime;
  readonly connection: ConnectionStatus;
  /** Returns the name to publish under; empty for none. */
  readonly name: () => string;
}

/** The view of one topic: its messages, and a form to publish to it. */
export class BranchView implements Branch {
  readonly root: HTMLElement;
  readonly #deps: BranchViewDeps;
  readonly #subscription: Subscription;
  readonly #onEnd: () => void;
  readonly #list: HTMLElement;
  readonly #form: HTMLElement;
  readonly #follower: EndFollower;
  readonly #outbox: Outbox;
  readonly #unsent: UnsentView;
  readonly #stopFollowing: () => void;
  /** The keys of the lines of messages published here; shown as own. Bounded by the number of lines. */
  readonly #own = new Set<string>();

  constructor(deps: BranchViewDeps, subscription: Subscription, onEnd: () => void) {
    this.#deps = deps;
    this.#subscription = subscription;
    this.#onEnd = onEnd;
    this.root = rootOf(subscription.topic);
    this.#list = within(this.root, 'ol');
    this.#form = within(this.root, 'form');
    this.#follower = new EndFollower(within(this.root, '.messages'), this.#list);
    this.#outbox = this.#createOutbox();
    this.#unsent = new UnsentView(within(this.root, '.unsent'), (outgoing, fate) => this.#again(outgoing, fate));
    this.#stopFollowing = deps.connection.follow(() => this.#showState());
    this.#listen();
  }

  focus(): void {
    field(this.#form, 'text').focus();
  }

  end(): void {
    this.#stopFollowing();
    this.#subscription.unsubscribe();
    this.root.remove();
    this.#onEnd();
  }

  #createOutbox(): Outbox {
    const { rt } = this.#deps;
    const { topic } = this.#subscription;
    return new Outbox({
      publish: (outgoing) => rt.publish(outgoing.topic || topic, outgoing.data, { key: outgoing.key }),
      newKey,
      now: Date.now,
      onPublished: (published) => {
        this.#say('');
        this.#markOwn(lineKey(published));
      },
      onFailed: (outgoing, fate, error) => this.#failed(outgoing, fate, error),
    });
  }

  #listen(): void {
    const subscription = this.#subscription;
    subscription.on('message', (message) => {
      const isOwn = this.#own.delete(lineKey(message));
      this.#append(messageLine(message, { isOwn, namesTopic: message.topic !== subscription.topic }));
    });
    subscription.on('gap', (gap) => this.#append(gapLine(gap)));
    subscription.on('state', () => this.#showState());
    within(this.root, 'header button').addEventListener('click', () => this.end());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #showState(): void {
    showState(this.root, this.#deps.connection, this.#subscription.state);
  }

  #submit(): void {
    const input = field(this.#form, 'text');
    if (!this.#outbox.hasRoom) return this.#say('Too many texts wait for the connection.', true);
    const text = input.value;
    input.value = '';
    this.#sayWaiting();
    this.#outbox.add(text, dataOf(text, this.#deps.name()), field(this.#form, 'to').value.trim());
  }

  #again(outgoing: Outgoing, fate: Fate): void {
    this.#sayWaiting();
    this.#outbox.again(outgoing, fate);
  }

  #sayWaiting(): void {
    const isOnline = this.#deps.connection.current === 'online';
    this.#say(isOnline ? '' : 'Offline. The text waits up to 30 seconds for the connection.', true);
  }

  /** A refused text goes back into the form, to be changed there, unless something else has been typed since. */
  #failed(outgoing: Outgoing, fate: Fate, error: unknown): void {
    const input = field(this.#form, 'text');
    const isPutBack = fate === 'refused' && input.value === '';
    this.#say(isPutBack ? errorText(error) : '', true);
    if (isPutBack) input.value = outgoing.text;
    else this.#unsent.show(outgoing, fate, error);
  }

  #say(text: string, isBad = false): void {
    remark(within(this.root, ':scope > .remark'), text, isBad && text !== '');
  }

  /** Marks a message as own. Ack and message may arrive in either order. */
  #markOwn(key: string): void {
    if (this.#own.size >= MOST_LINES) this.#own.clear();
    const line = this.#list.querySelector(`[data-key="${key}"]`);
    if (line === null) this.#own.add(key);
    else line.classList.add('mine');
  }

  #append(line: HTMLElement): void {
    line.classList.add('fresh');
    this.#list.append(line);
    while (this.#list.childElementCount > MOST_LINES) this.#list.firstElementChild?.remove();
    this.#follower.follow();
  }
}

function rootOf(topic: string): HTMLElement {
  const root = articleFrom('branch', topic);
  within(root, '.messages').setAttribute('aria-label', `Messages of ${topic}`);
  within(root, '.unsent').setAttribute('aria-label', `Not published to ${topic}`);
  field(within(root, 'form'), 'text').setAttribute('aria-label', `Publish to ${topic}`);
  if (topic.endsWith('*')) showTarget(field(within(root, 'form'), 'to'), topic);
  return root;
}

/** Shows the field for the topic to publish to: a wildcard stands for many. */
function showTarget(to: HTMLInputElement, wildcard: string): void {
  to.hidden = false;
  to.disabled = false;
  to.value = wildcard.slice(0, -1);
  to.setAttribute('aria-label', `Topic under ${wildcard} to publish to`);
}

/** Returns a key that no other publish has. `crypto.randomUUID` is missing on pages of plain HTTP. */
const newKey = (): string => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-');
