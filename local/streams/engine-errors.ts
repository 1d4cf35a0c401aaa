import type { Terminal } from '../model.ts';

/**
 * Returns an error's `code` (such as `ECONNREFUSED`) or its name. Both are read by shape and not by `instanceof`,
 * because an error may come from another realm.
 */
export function errorNameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown error';
}

/** A reporter of the engine's outages: one message when it stops answering, and one when it answers again. */
export interface EnginePresence {
  readonly failed: (error: unknown) => void;
  readonly answered: () => void;
}

/** Creates the reporter of one mapping, shared by all its shards. */
export function createEnginePresence(tableName: string, terminal: Terminal): EnginePresence {
  let isAway = false;
  const failed = (error: unknown): void => {
    if (!isAway)
      terminal.warn(`Stream of ${tableName}: the engine does not answer (${errorNameOf(error)}); trying again`);
    isAway = true;
  };
  const answered = (): void => {
    if (isAway) terminal.info(`Stream of ${tableName}: the engine answers again`);
    isAway = false;
  };
  return { failed, answered };
}
