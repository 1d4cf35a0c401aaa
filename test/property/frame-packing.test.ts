import fc from 'fast-check';
import { packFrames } from '../../shared/fanout/frame-packing.ts';
import { byteLength } from '../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';

/** What a client makes of a frame: the frames in it. */
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
    }),
    { maxLength: 60 },
  )
  .map((specs) =>
    specs.map(({ size, unit }, seq) => {
      const text = JSON.stringify({ seq, data: unit.repeat(Math.floor(size / byteLength(JSON.stringify(unit)))) });
      return text;
    }),
  );

describe('packFrames, of any frames', () => {
  it('keeps all of them in order, in frames that fit', () => {
    fc.assert(
      fc.property(frames, (texts) => {
        const packed = packFrames(texts);

        expect(packed.flatMap(unpack)).toEqual(texts.map((text) => JSON.parse(text) as unknown));
        expect(packed.filter((text) => byteLength(text) > LIMITS.FRAME_BYTES)).toEqual([]);
      }),
    );
  });

  it('uses as few frames as keep the order', () => {
    fc.assert(
      fc.property(frames, (texts) => {
        const packed = packFrames(texts);

        // Greedy is minimal: no frame could have taken the first of the next.
        for (const [index, text] of packed.slice(0, -1).entries()) {
          const [next] = unpack(packed[index + 1] ?? '');
          const merged = JSON.stringify({ type: 'batch', frames: [...unpack(text), next] });
          expect(byteLength(merged)).toBeGreaterThan(LIMITS.FRAME_BYTES);
        }
      }),
    );
  });
});
