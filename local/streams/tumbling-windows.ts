import type { Pause } from './clock.ts';
import type { MappingContext } from './mapping-context.ts';
import { retryDelayMs } from './poll-tuning.ts';
import type { StreamRecord } from './stream-record.ts';
import { describeWindow, windowStartOf } from './time-window.ts';

const MS_PER_SECOND = 1_000;

/**
 * Bytes of JSON of a window's state, 1 MB for a shard, as on AWS. Past it the window is ended early.
 *
 * @limit operator
 */
const STATE_MAXIMUM_BYTES = 1_048_576;

/** Bytes of JSON of a state that still fits into an event, with what is beside it. A larger one is no state. */
const EVENT_STATE_BYTES = 6_000_000;

/**
 * Time in ms past the end of a window after which it is over if no record came, 1,500: the creation time of a record is
 * that of its second. AWS waits for up to 2 minutes.
 */
const GRACE_MS = 1_500;

/** The tumbling windows of a lane: one is open at a time, with the state that the function made of its records. */
export interface TumblingWindows {
  /** Returns the event of a batch, all of one window. Opens the window. */
  readonly eventOf: (records: readonly StreamRecord[]) => object;
  /** Keeps the state of a function's response. Returns false for a response that is a failure because it has none. */
  readonly keepState: (payload: unknown) => boolean;
  /** Whether the open window has to end before anything else, given the next record that waits. */
  readonly isOver: (next: StreamRecord | undefined) => boolean;
  /** Whether the window of a record that waits has passed, so that its batch is due. */
  readonly hasPassed: (next: StreamRecord) => boolean;
  /** Returns the time in ms until the window of the next record, or the open one, has passed; undefined without any. */
  readonly untilPassedMs: (next: StreamRecord | undefined) => number | undefined;
  /** Invokes the function for the last time with the window, until that succeeds, and forgets the state. */
  readonly end: () => Promise<void>;
  /** Ends the window when nothing waits any more: the shard has ended. */
  readonly close: () => void;
  /** Whether the state of the open window has grown too large, so that it has to end early. */
  readonly isTooLarge: () => boolean;
  /** Whether a window is open. */
  readonly isOpen: () => boolean;
}

/** The options of the windows of a lane. */
export interface TumblingOptions {
  readonly shardId: string;
  /** The pause before a retry, ended by the lane's `stop`. */
  readonly pause: Pause;
}

interface OpenWindow {
  readonly startMs: number;
  state: unknown;
  isTooLarge: boolean;
}

/** Returns the windows of a lane; of a mapping without tumbling windows, none that is ever open. */
export function createTumblingWindows(options: TumblingOptions, context: MappingContext): TumblingWindows {
  const { tumblingWindowSeconds: seconds = 0 } = context.mapping;
  return seconds === 0 ? NO_WINDOWS : new LaneWindows(seconds, options, context);
}

const recordsOf = (records: readonly StreamRecord[]) => ({ Records: records.map((record) => record.event) });

const NO_WINDOWS: TumblingWindows = {
  eventOf: recordsOf,
  keepState: () => true,
  isOver: () => false,
  hasPassed: () => false,
  untilPassedMs: () => undefined,
  end: () => Promise.resolve(),
  close: () => undefined,
  isTooLarge: () => false,
  isOpen: () => false,
};

/** The windows of a lane, given their length in seconds. */
class LaneWindows implements TumblingWindows {
  readonly #seconds: number;
  readonly #options: TumblingOptions;
  readonly #context: MappingContext;
  readonly #warnOnce: () => void;
  #open: OpenWindow | undefined;
  #isClosing = false;

  constructor(seconds: number, options: TumblingOptions, context: MappingContext) {
    this.#seconds = seconds;
    this.#options = options;
    this.#context = context;
    this.#warnOnce = createWarning(context);
  }

  eventOf(records: readonly StreamRecord[]): object {
    const [first] = records;
    this.#open ??= { startMs: first === undefined ? 0 : this.#startOf(first), state: {}, isTooLarge: false };
    return { ...recordsOf(records), ...this.#describe(this.#open, false) };
  }

  keepState(payload: unknown): boolean {
    const state = stateOf(payload);
    if (state === undefined) this.#warnOnce();
    if (this.#open === undefined || state === undefined) return false;
    this.#open.state = state.value;
    this.#open.isTooLarge = state.bytes > STATE_MAXIMUM_BYTES;
    return true;
  }

  isOver(next: StreamRecord | undefined): boolean {
    if (this.#open === undefined) return false;
    if (next !== undefined) return this.#startOf(next) !== this.#open.startMs;
    return this.#isClosing || this.#untilMs(this.#open.startMs) === 0;
  }

  hasPassed(next: StreamRecord): boolean {
    return this.#isClosing || this.#untilMs(this.#startOf(next)) === 0;
  }

  untilPassedMs(next: StreamRecord | undefined): number | undefined {
    const startMs = next === undefined ? this.#open?.startMs : this.#startOf(next);
    return startMs === undefined ? undefined : this.#untilMs(startMs);
  }

  async end(): Promise<void> {
    if (this.#open === undefined) return;
    const event = { Records: [], ...this.#describe(this.#open, true) };
    if (await invokeUntilDone(event, this.#options.pause, this.#context)) this.#open = undefined;
  }

  close(): void {
    this.#isClosing = true;
  }

  isTooLarge(): boolean {
    return this.#open?.isTooLarge ?? false;
  }

  isOpen(): boolean {
    return this.#open !== undefined;
  }

  #startOf(record: StreamRecord): number {
    return windowStartOf(record, this.#seconds);
  }

  /** Returns the time in ms until a window has passed, 0 if it has. */
  #untilMs(startMs: number): number {
    return Math.max(startMs + this.#seconds * MS_PER_SECOND + GRACE_MS - this.#context.clock.now(), 0);
  }

  #describe(window: OpenWindow, isFinal: boolean): object {
    return {
      window: describeWindow(window.startMs, this.#seconds),
      state: window.state,
      shardId: this.#options.shardId,
      eventSourceARN: this.#context.mapping.streamArn,
      isFinalInvokeForWindow: isFinal,
      isWindowTerminatedEarly: isFinal && window.isTooLarge,
    };
  }
}

/** Returns what says once that a function returns no state, since its batch otherwise fails without a word. */
function createWarning({ terminal, functionName, mapping }: MappingContext): () => void {
  let isTold = false;
  return () => {
    if (isTold) return;
    isTold = true;
    terminal.warn(
      `${functionName} returned no state to the tumbling window of ${mapping.logicalId}: the batch counts as failed, ` +
        'as on AWS; return { state: … }',
    );
  };
}

/**
 * Returns the state of a response with its size; undefined for a response without one, or with one that fits into no
 * event.
 */
function stateOf(payload: unknown): { readonly value: unknown; readonly bytes: number } | undefined {
  if (typeof payload !== 'object' || payload === null || !('state' in payload)) return undefined;
  const { state } = payload;
  if (state === undefined || state === null) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(state));
  return bytes > EVENT_STATE_BYTES ? undefined : { value: state, bytes };
}

/**
 * Invokes the function until it succeeds: until then Lambda does not go on with the shard. Resolves to false if the
 * mapping stopped first.
 */
async function invokeUntilDone(event: object, pause: Pause, context: MappingContext): Promise<boolean> {
  for (let failures = 1; !context.stopping.aborted; failures += 1) {
    const result = await context.invoke(context.mapping.functionArn, event);
    if (context.ended.aborted) return false;
    if (result.outcome === 'success') return true;
    if (!context.stopping.aborted) await pause.wait(retryDelayMs(failures, context.tuning, context.random));
  }
  return false;
}
