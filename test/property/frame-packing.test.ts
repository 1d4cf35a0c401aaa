import fc from 'fast-check';
import { packFrames } from '../../shared/fanout/deliver/frame-packing.ts';
import { byteLength } from '../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';

/** Returns the frames in a frame, as a client reads them. */
function unpack(text: string): unknown[] {
  const frame: unknown = JSON.parse(text);
  const isBatch = typeof frame === 'object' && frame !== null && 'frames' in frame && Array.isArray(frame.frames);
  return isBatch ? (frame.frames as unknown[]) : [frame];
}

const frames = fc
  .array(
    fc.record({
      size: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 30_000 })),
      unit: fc.constantFrom('x', 'é', '🌊', '"'),
      batch: fc.constantFrom(true, true, true, false),
    }),
    { maxLength: 60 },
  )
  .map((specs) =>
    specs.map(({ size, unit, batch }, seq) => {
      const text = JSON.stringify({ seq, data: unit.repeat(Math.floor(size / byteLength(JSON.stringify(unit)))) });
      return { text, batch };
    }),
  );

describe('packFrames, of any frames', () => {
  it('keeps all of them in order, in frames that fit', () => {
    fc.assert(
      fc.property(frames, (due) => {
        const packed = packFrames(due);

        expect(packed.flatMap(unpack)).toEqual(due.map(({ text }) => JSON.parse(text) as unknown));
        expect(packed.filter((text) => byteLength(text) > LIMITS.FRAME_BYTES)).toEqual([]);
      }),
    );
  });

  it('never puts a frame into a batch whose subscription did not ask for it', () => {
    fc.assert(
      fc.property(frames, (due) => {
        const packed = packFrames(due);

        expect(due.filter(({ text, batch }) => !batch && !packed.includes(text))).toEqual([]);
      }),
    );
  });

  it('uses as few frames as keep the order', () => {
    fc.assert(
      fc.property(frames, (due) => {
        const packed = packFrames(due);
        const plain = new Set(due.filter(({ batch }) => !batch).map(({ text }) => text));

        // Greedy is minimal: no frame could have taken the first of the next.
        for (const [index, text] of packed.slice(0, -1).entries()) {
          const following = packed[index + 1] ?? '';
          if (plain.has(text) || plain.has(following)) continue;
          const [next] = unpack(following);
          const merged = JSON.stringify({ type: 'batch', frames: [...unpack(text), next] });
          expect(byteLength(merged)).toBeGreaterThan(LIMITS.FRAME_BYTES);
        }
      }),
    );
  });
});
