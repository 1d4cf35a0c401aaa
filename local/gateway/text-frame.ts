/** The first byte of a text frame: FIN and the opcode. */
const WHOLE_TEXT = 0x81;
/** The length byte that announces a length in two more bytes. Smaller lengths fit into this byte. */
const LENGTH_IN_TWO_BYTES = 126;

/** The text length in bytes, 4,096, up to which a copy costs less than the second buffer of a vectored write. */
const COPIED_BYTES = 4_096;

/**
 * Returns a small text as one unmasked frame, header and payload in one buffer, so that it takes one plain write. `ws`
 * passes the two separately, which costs a vectored write for each of a fan-out's many small posts. Returns undefined
 * for a text over `COPIED_BYTES`.
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
