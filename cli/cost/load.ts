import { LIMITS } from '../../shared/protocol/limits.ts';
import { UsageError } from '../operator-error.ts';
import { countOption, isSet, type OptionValues, textOption } from '../options.ts';
import { ASSUMPTIONS } from './assumptions.ts';
import { COST_BOUNDS } from './bounds.ts';

/** A load of the backend, on average over the hours in which it is used. */
export interface Load {
  readonly connections: number;
  readonly publishesPerSecond: number;
  /** Subscribers that one publish reaches. */
  readonly fanout: number;
  /** The size of a message's data as JSON. */
  readonly messageBytes: number;
  /** The messages of one frame. `gathered`: as many as gather without waiting. */
  readonly messagesPerFrame: number | 'gathered';
  /** Readers that follow one topic by long polls of the HTTP door, beside the connections. Default: none. */
  readonly longPolls?: number;
  /** Hours a day in which the connections are open and publish. */
  readonly hoursOnline: number;
  /** Hours for which the archive keeps a message; 0: none is archived, since topics keep their last value only. */
  readonly retentionHours: number;
}

const HOURS_PER_DAY = 24;
const PER_SECOND: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600, day: 86_400 };
const BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1_024 };

/** Reads the load from the command line. Throws UsageError. */
export function readLoad(values: OptionValues, positionals: readonly string[]): Load {
  const connections = required(countOption(values, 'connections'), 'connections', '50000');
  const fanout = required(countOption(values, 'fanout'), 'fanout', '300');
  const longPolls = countOption(values, 'long-poll');
  const load = {
    connections,
    publishesPerSecond: rateOf(required(textOption(values, 'publishes'), 'publishes', '20/s')),
    fanout,
    messageBytes: sizeOf(textOption(values, 'size') ?? '1kb'),
    messagesPerFrame: messagesPerFrameOf(isSet(values, 'batch'), positionals),
    hoursOnline: hoursOf(textOption(values, 'hours-online')),
    retentionHours: retentionOf(values),
    ...(longPolls === undefined ? {} : { longPolls }),
  };
  if (longPolls !== undefined && longPolls > COST_BOUNDS.CONNECTIONS)
    throw tooMuch('long-poll', COST_BOUNDS.CONNECTIONS);
  if (connections > COST_BOUNDS.CONNECTIONS) throw tooMuch('connections', COST_BOUNDS.CONNECTIONS);
  if (load.publishesPerSecond > COST_BOUNDS.PUBLISHES_PER_SECOND) {
    throw tooMuch('publishes', COST_BOUNDS.PUBLISHES_PER_SECOND);
  }
  if (fanout > connections) {
    throw new UsageError(`--fanout is at most --connections: ${fanout} subscribers of ${connections} connections.`);
  }
  return load;
}

/** Reads `20/s`, `1200/min`, `5000/h` or `90000/day` as publishes a second. Throws UsageError. */
export function rateOf(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?)\/(s|min|h|day)$/.exec(text) ?? [];
  const seconds = PER_SECOND[unit];
  if (amount !== undefined && seconds !== undefined && Number(amount) > 0) return Number(amount) / seconds;
  throw new UsageError(`--publishes is a rate like 20/s, 1200/min, 5000/h or 90000/day, not ${text}.`);
}

/** Reads `200b`, `200` or `1kb` as bytes. Throws UsageError. */
export function sizeOf(text: string): number {
  const [, amount, unit = 'b'] = /^(\d{1,9}(?:\.\d{1,3})?)(b|kb)?$/i.exec(text) ?? [];
  const bytes = Math.ceil(Number(amount) * (BYTES[unit.toLowerCase()] ?? Number.NaN));
  if (!(bytes >= 1)) throw new UsageError(`--size is a size like 200b or 1kb, not ${text}.`);
  if (bytes <= LIMITS.DATA_BYTES) return bytes;
  throw new UsageError(`--size is at most ${LIMITS.DATA_BYTES} bytes: what one publish may carry.`);
}

/** Reads `--batch` alone or `--batch 8`, whose number is parsed as a positional. Throws UsageError. */
function messagesPerFrameOf(isBatched: boolean, positionals: readonly string[]): Load['messagesPerFrame'] {
  const [text, ...more] = positionals;
  if (!isBatched && text === undefined) return 1;
  if (text === undefined) return 'gathered';
  const count = Number(text);
  const isCount = Number.isSafeInteger(count) && count >= 1 && count <= COST_BOUNDS.MESSAGES_PER_FRAME;
  if (isBatched && isCount && more.length === 0) return count;
  if (!isBatched) throw new UsageError('cost takes options only.');
  throw new UsageError(`--batch is a whole number from 1 to ${COST_BOUNDS.MESSAGES_PER_FRAME}, or stands alone.`);
}

function hoursOf(text: string | undefined): number {
  if (text === undefined) return HOURS_PER_DAY;
  const hours = /^\d{1,2}(\.\d{1,2})?$/.test(text) ? Number(text) : 0;
  if (hours > 0 && hours <= HOURS_PER_DAY) return hours;
  throw new UsageError(`--hours-online is a number of hours a day, more than 0 and up to 24, not ${text}.`);
}

/** Reads the hours for which messages are kept. Throws UsageError. */
function retentionOf(values: OptionValues): number {
  const hours = textOption(values, 'retention');
  if (isSet(values, 'last-value-only')) {
    if (hours === undefined) return 0;
    throw new UsageError('Give --retention or --last-value-only: a topic that keeps one message has no retention.');
  }
  const count = Number(hours ?? ASSUMPTIONS.RETENTION_HOURS);
  if (Number.isSafeInteger(count) && count >= 1 && count <= COST_BOUNDS.RETENTION_HOURS) return count;
  throw new UsageError(
    `--retention is a whole number of hours from 1 to ${COST_BOUNDS.RETENTION_HOURS}, not ${hours}.`,
  );
}

function required<T>(value: T | undefined, name: string, example: string): T {
  if (value !== undefined) return value;
  throw new UsageError(`--${name} is missing: say --${name} ${example}, for instance.`);
}

const tooMuch = (name: string, most: number): UsageError =>
  new UsageError(`--${name} is at most ${most.toLocaleString('en-US')}${name === 'publishes' ? ' a second' : ''}.`);
