import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ResponseChunk } from './runtime-messages.ts';

/** The content type of a stream that begins with the status and the headers of an HTTP response. */
export const HTTP_RESPONSE = 'application/vnd.awslambda.http-integration-response';

/** The bytes between the status and headers, as JSON, and the body of such a stream. */
const PRELUDE_END = Buffer.alloc(8);

/** A handler that writes its result to a stream. */
type StreamingHandler = (event: unknown, stream: Writable, context: object) => unknown;

type SendChunk = (chunk: ResponseChunk, sent: () => void) => void;

const streaming = new WeakMap<object, StreamingHandler>();

/** Whether a handler was made by `awslambda.streamifyResponse`. */
export const isStreaming = (handler: object): boolean => streaming.has(handler);

/** Runs such a handler, and waits until all of its result was sent. */
export async function runStreaming(
  handler: object,
  event: unknown,
  { context, send }: { readonly context: object; readonly send: SendChunk },
): Promise<void> {
  const response = new ResponseStream(send);
  await streaming.get(handler)?.(event, response, context);
  if (!response.writableEnded) response.end();
  await finished(response);
}

/** The stream that a handler writes its result to. Each write is sent as it is made. */
class ResponseStream extends Writable {
  #contentType: string | undefined = 'application/octet-stream';
  #prelude: Buffer | undefined;
  readonly #send: SendChunk;

  constructor(send: SendChunk) {
    super({ decodeStrings: true });
    this.#send = send;
  }

  /** Sets the content type of the result. Throws after its first write, as Lambda's runtime does. */
  setContentType(contentType: string): void {
    if (this.#contentType === undefined) throw new Error('Cannot set content-type, too late.');
    this.#contentType = contentType;
  }

  /** Sets what is sent before the first write. */
  setPrelude(prelude: Buffer): void {
    this.#prelude = prelude;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const bytes = this.#prelude === undefined ? chunk : Buffer.concat([this.#prelude, chunk]);
    const [contentType] = [this.#contentType];
    [this.#prelude, this.#contentType] = [undefined, undefined];
    this.#send({ base64: bytes.toString('base64'), ...(contentType === undefined ? {} : { contentType }) }, done);
  }
}

/** Defines the global `awslambda` of Lambda's runtime for Node.js, by which a handler streams its result. */
export function defineAwsLambda(): void {
  Reflect.set(globalThis, 'awslambda', {
    streamifyResponse: (handler: StreamingHandler) => {
      streaming.set(handler, handler);
      return handler;
    },
    HttpResponseStream: {
      from: (stream: ResponseStream, metadata: object) => {
        stream.setContentType(HTTP_RESPONSE);
        stream.setPrelude(Buffer.concat([Buffer.from(JSON.stringify(metadata)), PRELUDE_END]));
        return stream;
      },
    },
  });
}
