import { byteLength } from '../../protocol/decode-frame.ts';
import { LIMITS } from '../../protocol/limits.ts';

const OPEN = '{"type":"batch","frames":[';
const CLOSE = ']}';

/** A frame that is due to a connection. */
export interface DueFrame {
  readonly text: string;
  /** Whether the subscription asked for several frames in one. */
  readonly batch: boolean;
}

/**
 * Packs frames, in their order, into as few `batch` frames as possible. A frame that is alone, or whose subscription
 * did not ask for batches, stays single.
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

/**
 * Returns a packer for many connections: equal lists of frames, which subscribers of the same topics have, are packed
 * once. Its memory grows with the frames that are due, so it must live no longer than one invocation.
 */
export function createFramePacker(): (frames: readonly DueFrame[]) => readonly string[] {
  const root: Packed = {};
  return (frames) => {
    let at = root;
    for (const frame of frames) at = following(at, frame);
    at.texts ??= packFrames(frames);
    return at.texts;
  };
}

/** A node of a prefix tree of frame lists, by which a list is found without comparing it with another. */
interface Packed {
  texts?: readonly string[];
  batched?: Map<string, Packed>;
  single?: Map<string, Packed>;
}

function following(packed: Packed, { text, batch }: DueFrame): Packed {
  const branch = batch ? 'batched' : 'single';
  const next = (packed[branch] ??= new Map<string, Packed>());
  const known = next.get(text);
  if (known !== undefined) return known;
  const added: Packed = {};
  next.set(text, added);
  return added;
}

const batchOf = (group: readonly string[]): string =>
  group.length === 1 ? (group[0] ?? '') : `${OPEN}${group.join(',')}${CLOSE}`;

/**
 * Groups JSON texts, in their order, so that each group fits one frame with `envelopeBytes` around it and commas
 * between.
 */
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
