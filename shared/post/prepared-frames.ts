import { hash } from 'node:crypto';
import { FANOUT_BOUNDS } from '../fanout/bounds.ts';

/** A frame as it is posted: what all its recipients have in common. */
export interface PreparedFrame {
  readonly body: Buffer;
  /** Of the body, in hex: part of each signature. */
  readonly sha256: string;
}

/**
 * Encodes and hashes a frame once, however many connections it is posted to: it remembers the newest so many, which are
 * the frames of the batch that is being delivered.
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
      if (prepared.size <= FANOUT_BOUNDS.PREPARED_FRAMES && bytes <= FANOUT_BOUNDS.PREPARED_BYTES) break;
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
