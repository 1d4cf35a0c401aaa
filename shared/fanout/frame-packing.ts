import { byteLength } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';

const OPEN = '{"type":"batch","frames":[';
const CLOSE = ']}';

/** A frame that is due to a connection. */
export interface DueFrame {
  readonly text: string;
  /** Its subscription asked for several frames in one. */
  readonly batch: boolean;
}

/**
 * Puts frames, in their order, into as few `batch` frames as hold them. One that is alone, or whose subscription did not
 * ask for batches, stays single.
 */
export function packFrames(frames: readonly DueFrame[]): string[] {
  const runs: { readonly batch: boolean; readonly texts: string[] }[] = [];
  for (const { text, batch } of frames) {
    const run = runs.at(-1);
    if (run?.batch === true && batch) run.texts.push(text);
    else runs.push({ batch, texts: [text] });
  }
  return runs.flatMap(({ texts }) => groupToFit(texts, OPEN.length + CLOSE.length).map(batchOf));
}

const batchOf = (group: readonly string[]): string =>
  group.length === 1 ? (group[0] ?? '') : `${OPEN}${group.join(',')}${CLOSE}`;

/** Groups JSON texts, in their order, so that each group fits one frame with `envelopeBytes` around it and commas between. */
export function groupToFit(texts: readonly string[], envelopeBytes: number): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const text of texts) {
    const bytes = byteLength(text) + 1;
    if (bytes > room || groups.length === 0) {
      groups.push([]);
      room = LIMITS.FRAME_BYTES - envelopeBytes + 1;
    }
    groups.at(-1)?.push(text);
    room -= bytes;
  }
  return groups;
}
