/** FIN and the opcode of a text. */
const WHOLE_TEXT = 0x81;
/** Lengths up to this fit into the second byte; this in it means that two more bytes hold the length. */
const LENGTH_IN_TWO_BYTES = 126;

/** From here on a copy costs more than the second buffer of a vectored write saves. */
const COPIED_BYTES = 4_096;

/**
 * A small text as one whole unmasked frame, header and payload in one buffer: so it is one plain write. `ws` hands over
 * the two apart, which costs a vectored write for each of a fan-out's many small posts. Undefined: too large for that.
 */
export function smallTextFrame(text: Buffer): Buffer | undefined {
  if (text.length > COPIED_BYTES) return undefined;
  const headerBytes = text.length < LENGTH_IN_TWO_BYTES ? 2 : 4;
  const frame = Buffer.allocUnsafe(headerBytes + text.length);
  frame[0] = WHOLE_TEXT;
  frame[1] = headerBytes === 2 ? text.length : LENGTH_IN_TWO_BYTES;
  if (headerBytes === 4) frame.writeUInt16BE(text.length, 2);
  text.copy(frame, headerBytes);
  return frame;
}
