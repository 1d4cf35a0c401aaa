import type { Terminal } from '../model.ts';
import { errorNameOf } from './error-name.ts';

/** Says once that the engine is away and once that it is back. */
export interface EnginePresence {
  readonly failed: (error: unknown) => void;
  readonly answered: () => void;
}

/** Makes the account for one mapping: all its shards share the engine. */
export function createEnginePresence(tableName: string, terminal: Terminal): EnginePresence {
  let isAway = false;
  const failed = (error: unknown): void => {
    if (!isAway) terminal.warn(`Stream of ${tableName}: the engine is away (${errorNameOf(error)}); trying again`);
    isAway = true;
  };
  const answered = (): void => {
    if (isAway) terminal.info(`Stream of ${tableName}: the engine is back`);
    isAway = false;
  };
  return { failed, answered };
}
