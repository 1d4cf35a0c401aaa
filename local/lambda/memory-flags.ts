/** Share of a function's memory for the old space of the heap. */
const OLD_SPACE_SHARE = 0.9;
/** Share of a function's memory for each of the two semi-spaces of the young generation. */
const SEMI_SPACE_SHARE = 0.05;

/**
 * Returns V8's memory flags. Its defaults let the young generation grow far beyond a small function's memory, and use
 * up a developer's machine.
 */
export function memoryFlags(memoryMb: number): readonly string[] {
  const oldSpaceMb = Math.floor(memoryMb * OLD_SPACE_SHARE);
  const semiSpaceMb = Math.max(1, Math.floor(memoryMb * SEMI_SPACE_SHARE));
  return [`--max-old-space-size=${oldSpaceMb}`, `--max-semi-space-size=${semiSpaceMb}`];
}
