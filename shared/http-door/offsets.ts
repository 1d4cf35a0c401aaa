import type { StreamState } from '../store/stream-state.ts';

/**
 * The digits of a seq in an offset: enough for every number that JavaScript holds exactly, so that texts sort as
 * numbers.
 */
const SEQ_DIGITS = 16;

/** The offset before the first message of a stream, all zeros as no epoch is: every other one sorts after it. */
const START = `${'0'.repeat(SEQ_DIGITS)}_${'0'.repeat(SEQ_DIGITS)}`;

const OFFSET = /^([0-9A-Za-z-]{1,36})_(\d{16})$/;

/** The position that a request asks for. */
export type Asked = { readonly at: 'start' } | { readonly at: 'now' } | Placed;

/** A position behind a message. */
interface Placed {
  readonly at: 'seq';
  readonly epoch: string;
  readonly seq: number;
}

/** Returns the offset behind a message of a stream: its epoch and its seq. */
export const offsetAt = ({ epoch }: StreamState, seq: number): string =>
  seq === 0 || epoch === undefined ? START : `${epoch}_${String(seq).padStart(SEQ_DIGITS, '0')}`;

/** Returns the offset behind the newest message of a stream. */
export const tailOf = (state: StreamState): string => offsetAt(state, state.seq);

/**
 * Reads an offset: `-1` for the start, `now` for the tail, or one that `offsetAt` wrote; undefined for any other text.
 */
export function readOffset(text: string): Asked | undefined {
  if (text === '-1' || text === START) return { at: 'start' };
  if (text === 'now') return { at: 'now' };
  const [, epoch, digits] = OFFSET.exec(text) ?? [];
  const seq = Number(digits);
  return epoch === undefined || !Number.isSafeInteger(seq) ? undefined : { at: 'seq', epoch, seq };
}
