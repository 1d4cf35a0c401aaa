import type { Terminal } from '../model.ts';

/** A running database with the APIs of DynamoDB and DynamoDB Streams. */
export interface Engine {
  readonly endpoint: string;
  readonly name: string;
  /** The database file, if its streams must be trimmed from outside. */
  readonly databaseFile?: string;
  /** Ends the engine and everything it started, within {@link STOP_MAXIMUM_MS}. */
  stop(): Promise<void>;
  /** Returns the process id, for fault injection; undefined for an engine that was already running. */
  readonly processId: () => number | undefined;
  /** Resolves to the reason when the engine ended by itself and could not be restarted; never after `stop`. */
  readonly exited: Promise<string>;
}

/** The choice of an engine. */
export interface EngineChoice {
  /** `dynoxide`, `dynamodb-local`, or the URL of a running engine. */
  readonly engine: string;
  /** The directory that keeps data between runs. Default: nothing is kept. */
  readonly dataDirectory?: string;
}

/** The dependencies of an engine. */
export interface EngineDeps {
  readonly terminal: Terminal;
}

/** Time in ms for the engine's shutdown, 2,000. Ctrl-C must end everything within three seconds. */
export const STOP_MAXIMUM_MS = 2_000;

/**
 * The view type of every stream in the engine. The pollers need both images to see which writes changed nothing, and
 * cut each record to the view type of the template.
 */
export const ENGINE_VIEW_TYPE = 'NEW_AND_OLD_IMAGES';
