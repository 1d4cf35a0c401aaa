import { byteLength } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';

const OPEN = '{"type":"batch","frames":[';
const CLOSE = ']}';

/** Puts frames, in their order, into as few `batch` frames as hold them; a frame that is alone stays single. */
export const packFrames = (frames: readonly string[]): string[] =>
  groupToFit(frames, OPEN.length + CLOSE.length).map((group) =>
    group.length === 1 ? (group[0] ?? '') : `${OPEN}${group.join(',')}${CLOSE}`,
  );

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
