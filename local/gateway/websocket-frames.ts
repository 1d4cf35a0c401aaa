/** The first byte of a text frame: FIN and the opcode. */
const WHOLE_TEXT = 0x81;

/** The text length in bytes, 4,096, up to which a copy costs less than the second buffer of a vectored write. */
const COPIED_BYTES = 4_096;

/** A reader of the frame headers in one client's byte stream. */
export interface FrameWatch {
  /** Reads the next bytes. Returns true if they complete the header of the first data frame over the limit. */
  readonly see: (chunk: Buffer) => boolean;
  /** Returns how many messages ended before the frame over the limit; undefined while there is no such frame. */
  readonly messagesBefore: () => number | undefined;
}

const FIN_BIT = 0x80;
const OPCODE_BITS = 0x0f;
const FIRST_CONTROL_OPCODE = 0x08;
const MASK_BIT = 0x80;
const LENGTH_BITS = 0x7f;
/** The length byte that announces a length in two more bytes. Smaller lengths fit into this byte. */
const LENGTH_IN_TWO_BYTES = 126;
const LENGTH_IN_EIGHT_BYTES = 127;
const MASK_BYTES = 4;
const MAX_HEADER_BYTES = 14;

/**
 * Creates a frame watch for one client. `ws` reports the size of messages, never of frames, so this reads the frame
 * headers on the socket and skips the payloads: no copy, and a few operations per frame. Only sizes are checked; `ws`
 * rejects malformed frames from the same bytes.
 */
export function createFrameWatch(maxFrameBytes: number): FrameWatch {
  const header = Buffer.alloc(MAX_HEADER_BYTES);
  let headerBytes = 0;
  let payloadLeft = 0;
  let messages = 0;
  let oversized: number | undefined;

  const endHeader = (): void => {
    const isData = ((header[0] ?? 0) & OPCODE_BITS) < FIRST_CONTROL_OPCODE;
    payloadLeft = payloadBytes(header);
    headerBytes = 0;
    if (!isData) return;
    if (payloadLeft > maxFrameBytes) oversized ??= messages;
    if (((header[0] ?? 0) & FIN_BIT) !== 0) messages += 1;
  };
  const see = (chunk: Buffer): boolean => {
    if (oversized !== undefined) return false;
    let at = 0;
    while (at < chunk.length) {
      if (payloadLeft > 0) {
        const skipped = Math.min(payloadLeft, chunk.length - at);
        payloadLeft -= skipped;
        at += skipped;
        continue;
      }
      header[headerBytes] = chunk[at] ?? 0;
      headerBytes += 1;
      at += 1;
      if (headerBytes >= 2 && headerBytes === headerLength(header[1] ?? 0)) endHeader();
      if (oversized !== undefined) return true;
    }
    return false;
  };
  return { see, messagesBefore: () => oversized };
}

function headerLength(secondByte: number): number {
  const mask = (secondByte & MASK_BIT) === 0 ? 0 : MASK_BYTES;
  return 2 + lengthBytes(secondByte) + mask;
}

function lengthBytes(secondByte: number): number {
  const length = secondByte & LENGTH_BITS;
  if (length === LENGTH_IN_TWO_BYTES) return 2;
  return length === LENGTH_IN_EIGHT_BYTES ? 8 : 0;
}

function payloadBytes(header: Buffer): number {
  const length = (header[1] ?? 0) & LENGTH_BITS;
  if (length === LENGTH_IN_TWO_BYTES) return header.readUInt16BE(2);
  // Above 2^53 the number is not exact, but too large in any case.
  return length === LENGTH_IN_EIGHT_BYTES ? Number(header.readBigUInt64BE(2)) : length;
}

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
