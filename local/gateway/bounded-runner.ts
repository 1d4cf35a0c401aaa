export interface BoundedRunner {
  /** Runs the task when there is room; false when even the queue is full, and then it never runs. */
  readonly run: (task: () => Promise<void>) => boolean;
  /** Resolves when nothing runs and nothing waits. */
  readonly idle: () => Promise<void>;
}

/** Runs tasks, `parallel` at once and `queue` waiting at most. A task must not reject. */
export function createBoundedRunner(bounds: { parallel: number; queue: number }): BoundedRunner {
  const waiting: (() => Promise<void>)[] = [];
  let idleListeners: (() => void)[] = [];
  let running = 0;

  const start = async (task: () => Promise<void>): Promise<void> => {
    running += 1;
    try {
      await task();
    } finally {
      running -= 1;
      next();
    }
  };
  const next = (): void => {
    const task = waiting.shift();
    if (task !== undefined) void start(task);
    else if (running === 0) {
      for (const listener of idleListeners) listener();
      idleListeners = [];
    }
  };
  return {
    run: (task) => {
      if (running < bounds.parallel) void start(task);
      else if (waiting.length < bounds.queue) waiting.push(task);
      else return false;
      return true;
    },
    idle: async () => {
      if (running > 0) await new Promise<void>((resolve) => idleListeners.push(resolve));
    },
  };
}
