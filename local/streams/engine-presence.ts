import type { Terminal } from '../model.ts';
import { errorNameOf } from './error-name.ts';

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
