import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';

/**
 * A reader of a child's output stream, which splits the output into lines of bounded length and counts the bytes
 * received.
 */
export class OutputLines {
  #receivedBytes = 0;
  #partialLine = '';
  #waiting: { readonly bytes: number; readonly resolve: () => void } | undefined;
  readonly #decoder = new StringDecoder('utf8');
  readonly #emit: (line: string) => void;
  readonly #maxLineLength: number;

  constructor(stream: Readable, emit: (line: string) => void, maxLineLength: number) {
    this.#emit = emit;
    this.#maxLineLength = maxLineLength;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('close', () => this.#end());
    // The pipe breaks when the child dies, which its exit reports.
    stream.on('error', () => this.#end());
  }

  has(bytes: number): boolean {
    return this.#receivedBytes >= bytes;
  }

  /**
   * Resolves when this number of bytes has been received, or the stream has ended. One waiter at a time, as there is
   * one invocation at a time.
   */
  async received(bytes: number): Promise<void> {
    if (this.has(bytes)) return;
    await new Promise<void>((resolve) => {
      this.#waiting = { bytes, resolve };
    });
  }

  #receive(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    const lines = (this.#partialLine + this.#decoder.write(chunk)).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#emitBounded(line);
    this.#cutPartialLine();
    if (this.#waiting && this.has(this.#waiting.bytes)) this.#release();
  }

  #emitBounded(line: string): void {
    for (let start = 0; start === 0 || start < line.length; start += this.#maxLineLength) {
      this.#emit(line.slice(start, start + this.#maxLineLength));
    }
  }

  #cutPartialLine(): void {
    while (this.#partialLine.length > this.#maxLineLength) {
      this.#emit(this.#partialLine.slice(0, this.#maxLineLength));
      this.#partialLine = this.#partialLine.slice(this.#maxLineLength);
    }
  }

  #end(): void {
    const rest = this.#partialLine + this.#decoder.end();
    this.#partialLine = '';
    if (rest !== '') this.#emitBounded(rest);
    this.#release();
  }

  #release(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
