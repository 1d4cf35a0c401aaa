/** The first byte of a text frame: FIN and the opcode. */
const WHOLE_TEXT = 0x81;

/** The text length in bytes, 4,096, up to which a copy costs less than the second buffer of a vectored write. */
const COPIED_BYTES = 4_096;

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

/** The header that is being read. One for all watches: a watch keeps only a header that a chunk cuts. */
const header = Buffer.alloc(MAX_HEADER_BYTES);

/**
 * A reader of the frame headers in one client's byte stream. `ws` reports the size of messages, never of frames, so
 * this reads the headers on the socket and skips the payloads: no copy, and a few operations per frame. Only sizes are
 * checked; `ws` rejects malformed frames from the same bytes. An idle client's watch holds a few numbers.
 */
export class FrameWatch {
  readonly #maxFrameBytes: number;
  /** The beginning of a header whose end has not come yet. */
  #cut: Buffer | undefined;
  #payloadLeft = 0;
  #messages = 0;
  #messagesBefore: number | undefined;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** The number of messages that ended before the frame over the limit; undefined while there is no such frame. */
  get messagesBefore(): number | undefined {
    return this.#messagesBefore;
  }

  /** Reads the next bytes. Returns true if they complete the header of the first data frame over the limit. */
  see(chunk: Buffer): boolean {
    if (this.#messagesBefore !== undefined) return false;
    let headerBytes = this.#cut?.copy(header) ?? 0;
    this.#cut = undefined;
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const skipped = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= skipped;
        at += skipped;
        continue;
      }
      header[headerBytes] = chunk[at] ?? 0;
      headerBytes += 1;
      at += 1;
      if (headerBytes < 2 || headerBytes !== headerLength(header[1] ?? 0)) continue;
      headerBytes = 0;
      if (this.#isOverLimit()) return true;
    }
    if (headerBytes > 0) this.#cut = Buffer.from(header.subarray(0, headerBytes));
    return false;
  }

  /** Ends a header. Returns whether its frame is the first data frame over the limit. */
  #isOverLimit(): boolean {
    const first = header[0] ?? 0;
    this.#payloadLeft = payloadBytes();
    if ((first & OPCODE_BITS) >= FIRST_CONTROL_OPCODE) return false;
    if (this.#payloadLeft > this.#maxFrameBytes) this.#messagesBefore = this.#messages;
    if ((first & FIN_BIT) !== 0) this.#messages += 1;
    return this.#messagesBefore !== undefined;
  }
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

function payloadBytes(): number {
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
