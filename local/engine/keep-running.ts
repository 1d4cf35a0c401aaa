import type { EngineProcess } from './engine-process.ts';

/** An engine that ends by itself so often, whatever the reason, is not started again. */
const RESTARTS_MAXIMUM = 5;

export interface KeptProcess {
  /** Resolves when it ended by itself and was not, or could not be, started again; never after `stop`. */
  readonly exited: Promise<string>;
  readonly processId: () => number | undefined;
  stop(): Promise<void>;
}

export interface KeepRunning {
  readonly first: EngineProcess;
  /** Starts it again at the same place and resolves once it answers; undefined when its data would not be there. */
  readonly restart: (() => Promise<EngineProcess | undefined>) | undefined;
  readonly onRestart: (how: string) => void;
}

/** Starts a process again whenever it ends by itself: what it keeps in its file outlives it. */
export function keepRunning({ first, restart, onRestart }: KeepRunning): KeptProcess {
  let current = first;
  let isStopping = false;
  const watch = async (restarts: number): Promise<string> => {
    const how = await current.ended;
    // Asked for: nobody is to be told, so this one never resolves.
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
