import type { RealtimeError } from '../client/src/index.ts';
import { BranchView, type BranchViewDeps } from './branch-view.ts';
import type { Branch } from './branch.ts';
import { CounterBranch } from './counter-branch.ts';
import { element, field, remark } from './element.ts';
import { errorText } from './error-text.ts';

/** The number of past messages fetched when a topic is subscribed to. */
const HISTORY = 20;

/** The prefix of a counter's name where topics are named. */
const COUNTER_PREFIX = 'counter:';

/** The parts that a `TopicsView` uses. */
export interface TopicsViewDeps extends BranchViewDeps {
  /** The counter at the top of the page. */
  readonly mainCounter: string;
  readonly remember: (topics: readonly string[]) => void;
}

/** The topics and further counters of the page, each with a view. */
export class TopicsView {
  readonly #deps: TopicsViewDeps;
  readonly #branches = new Map<string, Branch>();
  readonly #form = element('subscribe');
  readonly #remark = element('topics-remark');

  constructor(deps: TopicsViewDeps) {
    this.#deps = deps;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Subscribes to a topic or counter and shows it. Returns the existing view of one that is shown already. */
  add(topic: string): Branch {
    const known = this.#branches.get(topic);
    if (known !== undefined) return known;
    const branch = topic.startsWith(COUNTER_PREFIX) ? this.#counterBranch(topic) : this.#topicBranch(topic);
    this.#branches.set(topic, branch);
    element('branches').append(branch.root);
    this.#deps.remember([...this.#branches.keys()]);
    return branch;
  }

  #topicBranch(topic: string): Branch {
    // A wildcard, which stands for many topics, has no history.
    const subscription = this.#deps.rt.subscribe(topic, topic.endsWith('*') ? {} : { history: HISTORY });
    const branch = new BranchView(this.#deps, subscription, () => this.#remove(topic));
    subscription.on('error', (error) => this.#refused(topic, error));
    return branch;
  }

  #counterBranch(topic: string): Branch {
    const counter = this.#deps.rt.counter(topic.slice(COUNTER_PREFIX.length));
    const branch = new CounterBranch({ ...this.#deps, topic, counter }, () => this.#remove(topic));
    counter.on('error', (error) => this.#refused(topic, error));
    return branch;
  }

  #submit(): void {
    const input = field(this.#form, 'topic');
    const topic = input.value.trim();
    if (topic === COUNTER_PREFIX + this.#deps.mainCounter) {
      return remark(this.#remark, `${topic} is the counter at the top of this page.`);
    }
    try {
      const branch = this.add(topic);
      remark(this.#remark, '');
      input.value = '';
      branch.focus();
    } catch (error) {
      remark(this.#remark, errorText(error), true);
    }
  }

  #refused(topic: string, error: RealtimeError): void {
    remark(this.#remark, `${topic}: ${errorText(error)}`, true);
    this.#branches.get(topic)?.end();
  }

  #remove(topic: string): void {
    this.#branches.delete(topic);
    this.#deps.remember([...this.#branches.keys()]);
    // The focused button is gone: moves the focus to where a topic is added.
    field(this.#form, 'topic').focus();
  }
}
