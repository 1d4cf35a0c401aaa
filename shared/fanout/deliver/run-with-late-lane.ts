import { LATE_POSTS, POST_CONCURRENCY, type PostDeadline } from '../../post/post.ts';
import { areFew } from './lateness.ts';

type OnLate = NonNullable<PostDeadline['onLate']>;

/**
 * Runs `task` on each item, POST_CONCURRENCY at once, and resolves to the results in the items' order. A late task
 * moves to the late lane and frees its slot for the next item. Once only late tasks are left they are abandoned,
 * provided that they are few; where many are late, the endpoint is slow, and each task has its whole deadline.
 */
export async function runWithLateLane<T, R>(
  items: readonly T[],
  isAnswered: (result: R) => boolean,
  task: (item: T, onLate: OnLate) => Promise<R>,
): Promise<R[]> {
  const lane = createLateLane();
  const tasks: Promise<R>[] = [];
  const entries = items.entries();
  // The workers share one iterator: each takes the next item when its task is done, or late.
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) {
      const { promise: slotFreed, resolve: freeSlot } = Promise.withResolvers<void>();
      const running = task(item, (abandon) => {
        if (lane.enter(index, abandon)) freeSlot();
      });
      tasks[index] = running.then((result) => {
        lane.settle(index, isAnswered(result));
        return result;
      });
      await Promise.race([tasks[index], slotFreed]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(POST_CONCURRENCY, items.length) }, worker));
  lane.end();
  return Promise.all(tasks);
}

interface LateLane {
  /** Returns whether the task frees its slot: it runs on in the lane, or was abandoned. Otherwise it keeps its slot. */
  readonly enter: (index: number, abandon: () => void) => boolean;
  readonly settle: (index: number, isAnswered: boolean) => void;
  /** Abandons the late tasks if they are few, and from then on each task that becomes late. */
  readonly end: () => void;
}

/** Creates the lane of one pass: at most LATE_POSTS tasks; one more takes the place of the oldest. */
function createLateLane(): LateLane {
  const late = new Map<number, () => void>();
  const count = { answered: 0, silent: 0 };
  let isEnding = false;
  const areOwnDoing = (): boolean => {
    const unanswered = count.silent + late.size;
    return areFew(unanswered, count.answered + unanswered);
  };
  return {
    enter: (index, abandon) => {
      late.set(index, abandon);
      if (!areOwnDoing()) return late.size <= LATE_POSTS || !late.delete(index);
      if (isEnding) abandon();
      else if (late.size > LATE_POSTS) abandonOldest(late);
      return true;
    },
    settle: (index, isAnswered) => {
      late.delete(index);
      count[isAnswered ? 'answered' : 'silent'] += 1;
    },
    end: () => {
      isEnding = areOwnDoing();
      if (isEnding) for (const abandon of late.values()) abandon();
    },
  };
}

function abandonOldest(late: Map<number, () => void>): void {
  for (const [index, abandon] of late) {
    late.delete(index);
    return abandon();
  }
}
