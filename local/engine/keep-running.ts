import type { EngineProcess } from './engine-process.ts';

/** Maximum number of restarts, 5. An engine that ends by itself more often is not started again. */
const RESTARTS_MAXIMUM = 5;

/** A process that is restarted when it ends by itself. */
export interface KeptProcess {
  /** Resolves to the reason when the process ended by itself and could not be restarted; never after `stop`. */
  readonly exited: Promise<string>;
  readonly processId: () => number | undefined;
  stop(): Promise<void>;
}

/** The process to keep running, and how. */
export interface KeepRunning {
  readonly first: EngineProcess;
  /**
   * Starts the process again at the same address, and resolves once it answers. Undefined when a restart would lose its
   * data.
   */
  readonly restart: (() => Promise<EngineProcess | undefined>) | undefined;
  readonly onRestart: (how: string) => void;
}

/** Restarts a process whenever it ends by itself: the data in its file outlives it. */
export function keepRunning({ first, restart, onRestart }: KeepRunning): KeptProcess {
  let current = first;
  let isStopping = false;
  const watch = async (restarts: number): Promise<string> => {
    const how = await current.ended;
    // An intended end is not reported, so this promise never resolves.
    if (isStopping) return new Promise(() => undefined);
    const next = restarts < RESTARTS_MAXIMUM ? await restart?.() : undefined;
    if (next === undefined) return `${how}: ${current.said().trim()}`;
    current = next;
    if (isStopping) await current.stop();
    onRestart(how);
    return watch(restarts + 1);
  };
  return {
    exited: watch(0),
    processId: () => current.processId,
    stop: async () => {
      isStopping = true;
      await current.stop();
    },
  };
}
