import type { Gap, Message, Realtime, Subscription, SubscriptionState } from '../client/src/index.ts';
import { field, remark, errorText, within } from './element.ts';

/** The number of lines of one topic that are kept; older ones are dropped. */
const MOST_LINES = 200;

/** Distance in pixels from the end within which the list scrolls along with new messages. */
const AT_END_PX = 48;

const TIMES = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

const STATE_TEXTS = {
  subscribing: 'Catching up…',
  live: 'Live',
  failed: 'Refused',
  ended: '',
} as const satisfies Record<SubscriptionState, string>;

let lastId = 0;

/** The view of one topic: its messages, and a form to publish to it. */
export class BranchView {
  readonly root: HTMLElement;
  readonly #rt: Realtime;
  readonly #subscription: Subscription;
  readonly #onEnd: () => void;
  readonly #log: HTMLElement;
  readonly #list: HTMLElement;
  readonly #form: HTMLElement;
  /** The seqs of messages published here; shown as own. Bounded by the number of lines. */
  readonly #own = new Set<number>();

  constructor(rt: Realtime, subscription: Subscription, onEnd: () => void) {
    this.#rt = rt;
    this.#subscription = subscription;
    this.#onEnd = onEnd;
    this.root = fromTemplate(subscription.topic);
    this.#log = within(this.root, '.messages');
    this.#list = within(this.root, 'ol');
    this.#form = within(this.root, 'form');
    this.#listen();
  }

  focus(): void {
    field(this.#form, 'text').focus();
  }

  /** Unsubscribes and removes the topic from the page. */
  end(): void {
    this.#subscription.unsubscribe();
    this.root.remove();
    this.#onEnd();
  }

  #listen(): void {
    const subscription = this.#subscription;
    subscription.on('message', (message) => this.#append(this.#lineOf(message)));
    subscription.on('gap', (gap) => this.#append(gapLine(gap)));
    subscription.on('state', (state) => this.#showState(state));
    this.#showState(subscription.state);
    within(this.root, 'header button').addEventListener('click', () => this.end());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #showState(state: SubscriptionState): void {
    within(this.root, '.branch-state').textContent = STATE_TEXTS[state];
  }

  #submit(): void {
    const input = field(this.#form, 'text');
    const text = input.value;
    input.value = '';
    this.#publish(text).catch((error: unknown) => {
      this.#say(errorText(error));
      // Puts the text back, unless something else has been typed since.
      if (input.value === '') input.value = text;
    });
  }

  async #publish(text: string): Promise<void> {
    this.#say(this.#rt.status === 'online' ? '' : 'Offline. The message is sent as soon as the connection is back.');
    const { seq } = await this.#rt.publish(this.#subscription.topic, text);
    this.#say('');
    this.#markOwn(seq);
  }

  #say(text: string): void {
    remark(within(this.root, ':scope > .remark'), text, text !== '');
  }

  /** Marks a message as own. Ack and message may arrive in either order. */
  #markOwn(seq: number): void {
    if (this.#own.size >= MOST_LINES) this.#own.clear();
    this.#own.add(seq);
    this.#list.querySelector(`[data-seq="${seq}"]`)?.classList.add('mine');
  }

  #lineOf({ seq, data, publishedAt }: Message): HTMLElement {
    const line = document.createElement('li');
    line.dataset['seq'] = String(seq);
    line.classList.toggle('mine', this.#own.delete(seq));
    const isText = typeof data === 'string';
    const body = part('span', 'body', isText ? data : JSON.stringify(data));
    body.toggleAttribute('data-json', !isText);
    const time = part('time', 'time', TIMES.format(new Date(publishedAt)));
    time.setAttribute('datetime', publishedAt);
    line.append(part('span', 'seq', String(seq)), body, time);
    return line;
  }

  #append(line: HTMLElement): void {
    const log = this.#log;
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PX;
    line.classList.add('fresh');
    this.#list.append(line);
    while (this.#list.childElementCount > MOST_LINES) this.#list.firstElementChild?.remove();
    // A reader who has scrolled up stays there.
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }
}

function fromTemplate(topic: string): HTMLElement {
  const template = document.getElementById('branch');
  if (!(template instanceof HTMLTemplateElement)) throw new Error('The page has no template for a topic.');
  const root = within(document.importNode(template.content, true), 'article');
  const heading = within(root, 'h3');
  heading.textContent = topic;
  lastId += 1;
  heading.id = `branch-${lastId}`;
  root.setAttribute('aria-labelledby', heading.id);
  within(root, '.messages').setAttribute('aria-label', `Messages of ${topic}`);
  within(root, 'input').setAttribute('aria-label', `Publish to ${topic}`);
  within(root, 'header button').setAttribute('aria-label', `Unsubscribe from ${topic}`);
  return root;
}

function gapLine({ last, now }: Gap): HTMLElement {
  const count = now.seq - last.seq;
  const isKnown = last.epoch === now.epoch && count > 0;
  const text = isKnown
    ? `${count} ${count === 1 ? 'message' : 'messages'} missed (${last.seq + 1} to ${now.seq}).`
    : 'The numbering of this topic began again. How many messages were missed is unknown.';
  return part('li', 'gap', text);
}

/** Creates an element with text. Data from the wire is never used as markup. */
function part(name: string, className: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
