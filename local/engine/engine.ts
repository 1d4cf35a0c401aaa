import type { Terminal } from '../model.ts';

/** A running database that speaks DynamoDB and DynamoDB Streams. */
export interface Engine {
  readonly endpoint: string;
  readonly name: string;
  /** Its file, when its streams are to be trimmed in it from outside. */
  readonly databaseFile?: string;
  /** Ends it and everything it started, within {@link STOP_MAXIMUM_MS}. */
  stop(): Promise<void>;
  /** Of the process, for fault injection; none for an engine that somebody else runs. */
  readonly processId: () => number | undefined;
  /** Resolves with what happened when it ended by itself and could not be started again; never after `stop`. */
  readonly exited: Promise<string>;
}

export interface EngineChoice {
  /** `dynoxide`, `dynamodb-local`, or the URL of one that runs already. */
  readonly engine: string;
  /** Where data stays between runs; without it nothing is kept. */
  readonly dataDirectory?: string;
}

export interface EngineDeps {
  readonly terminal: Terminal;
}

/** Ctrl-C must end everything within three seconds; the engine takes at most this much of it. */
export const STOP_MAXIMUM_MS = 2_000;
