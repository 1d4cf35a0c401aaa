import type { Realtime } from '../client/src/index.ts';
import { BranchView } from './branch-view.ts';
import { element, field, remark, errorText } from './element.ts';

/** The number of past messages fetched when a topic is subscribed to. */
const HISTORY = 20;

/** The topics of the page, each with a `BranchView`. */
export class TopicsView {
  readonly #rt: Realtime;
  readonly #remember: (topics: readonly string[]) => void;
  readonly #branches = new Map<string, BranchView>();
  readonly #form = element('subscribe');
  readonly #remark = element('topics-remark');

  constructor(rt: Realtime, remember: (topics: readonly string[]) => void) {
    this.#rt = rt;
    this.#remember = remember;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Subscribes to a topic and shows it. Returns the existing view of a topic that is shown already. */
  add(topic: string): BranchView {
    const known = this.#branches.get(topic);
    if (known !== undefined) return known;
    const subscription = this.#rt.subscribe(topic, { history: HISTORY, batch: true });
    const branch = new BranchView(this.#rt, subscription, () => this.#remove(topic));
    subscription.on('error', (error) => {
      remark(this.#remark, `${topic}: ${error.message}`, true);
      branch.end();
    });
    this.#branches.set(topic, branch);
    element('branches').append(branch.root);
    this.#remember([...this.#branches.keys()]);
    return branch;
  }

  #submit(): void {
    const input = field(this.#form, 'topic');
    try {
      const branch = this.add(input.value.trim());
      remark(this.#remark, '');
      input.value = '';
      branch.focus();
    } catch (error) {
      remark(this.#remark, errorText(error), true);
    }
  }

  #remove(topic: string): void {
    this.#branches.delete(topic);
    this.#remember([...this.#branches.keys()]);
    // The focused button is gone: moves the focus to where a topic is added.
    field(this.#form, 'topic').focus();
  }
}
