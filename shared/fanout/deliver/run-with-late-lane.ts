import { FANOUT_BOUNDS } from '../bounds.ts';
import type { Patience } from '../../post/post.ts';

type OnLate = NonNullable<Patience['onLate']>;

/**
 * Runs `task` on each item, POST_CONCURRENCY at once, and resolves to the results in the items' order. A task that is late
 * makes room for the next; once all others are done, nobody waits for those that are late, provided that they are few: where
 * many are late it is not their doing, and each has its whole deadline.
 */
export async function runPastLate<T, R>(
  items: readonly T[],
  isAnswered: (result: R) => boolean,
  task: (item: T, onLate: OnLate) => Promise<R>,
): Promise<R[]> {
  const late = createLatePosts();
  const tasks: Promise<R>[] = [];
  const entries = items.entries();
  // The workers share one iterator: each takes the next item when its last is done, or late.
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) {
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      const running = task(item, (giveUp) => {
        if (late.add(index, giveUp)) leave();
      });
      tasks[index] = running.then((result) => {
        late.settle(index, isAnswered(result));
        return result;
      });
      await Promise.race([tasks[index], left]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(FANOUT_BOUNDS.POST_CONCURRENCY, items.length) }, worker));
  late.end();
  return Promise.all(tasks);
}

interface LatePosts {
  /** Whether the post may go on beside the others; or else it keeps its place, or is given up. */
  readonly add: (index: number, giveUp: () => void) => boolean;
  readonly settle: (index: number, isAnswered: boolean) => void;
  /** Only late ones are left: whoever is late from now on is not waited for either. */
  readonly end: () => void;
}

/** The late posts of one pass, at most LATE_POSTS; one more takes the place of the oldest. */
function createLatePosts(): LatePosts {
  const late = new Map<number, () => void>();
  const count = { answered: 0, silent: 0 };
  let isEnding = false;
  const areFew = (): boolean => {
    const unanswered = count.silent + late.size;
    return unanswered <= FANOUT_BOUNDS.FEW_SHARE * (count.answered + unanswered);
  };
  return {
    add: (index, giveUp) => {
      late.set(index, giveUp);
      if (!areFew()) return late.size <= FANOUT_BOUNDS.LATE_POSTS || !late.delete(index);
      if (isEnding) giveUp();
      else if (late.size > FANOUT_BOUNDS.LATE_POSTS) giveUpOldest(late);
      return true;
    },
    settle: (index, isAnswered) => {
      late.delete(index);
      count[isAnswered ? 'answered' : 'silent'] += 1;
    },
    end: () => {
      isEnding = areFew();
      if (isEnding) for (const giveUp of late.values()) giveUp();
    },
  };
}

function giveUpOldest(late: Map<number, () => void>): void {
  for (const [index, giveUp] of late) {
    late.delete(index);
    return giveUp();
  }
}
