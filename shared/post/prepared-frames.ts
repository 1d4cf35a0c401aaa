import { hash } from 'node:crypto';

/** Number of frames whose bytes and hash are remembered: the frames of one batch, prepared once for all recipients. */
export const PREPARED_FRAMES = 1_024;
/** Bytes of all remembered frames together. */
export const PREPARED_BYTES = 16_777_216;

/** A frame as it is posted: the parts that are the same for all its recipients. */
export interface PreparedFrame {
  readonly body: Buffer;
  /** The hash of the body in hex, part of each signature. */
  readonly sha256: string;
}

/**
 * Returns a function that encodes and hashes a frame once, however many connections it is posted to. A bounded number
 * of the newest frames is remembered, which covers the batch that is being delivered.
 */
export function createPreparedFrames(): (text: string) => PreparedFrame {
  const prepared = new Map<string, PreparedFrame>();
  let bytes = 0;
  return (text) => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const frame = prepareFrame(text);
    prepared.set(text, frame);
    bytes += frame.body.length;
    for (const [oldest, { body }] of prepared) {
      if (prepared.size <= PREPARED_FRAMES && bytes <= PREPARED_BYTES) break;
      prepared.delete(oldest);
      bytes -= body.length;
    }
    return frame;
  };
}

/** Encodes and hashes a frame. */
export function prepareFrame(text: string): PreparedFrame {
  const body = Buffer.from(text);
  return { body, sha256: hash('sha256', body) };
}
