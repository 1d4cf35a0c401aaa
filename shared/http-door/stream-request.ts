import { isCounterTopic, isTopic } from '../protocol/topic.ts';

/** The path of the streams, before the topic. */
const STREAM_PATH = '/v1/stream/';

/** An HTTP request for a stream. */
export interface StreamRequest {
  readonly method: string;
  /** The path, as it was sent. */
  readonly path: string;
  /** The scheme and the host by which the client reached the door. */
  readonly origin: string;
  readonly query: URLSearchParams;
  /** The headers, by their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Whether IAM has let the request in: its signer is a back end, which needs no token. Default: false. */
  readonly isSigned?: boolean;
}

/** The answer to a request. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body: a text, bytes, or texts as they come. Absent: none. */
  readonly body?: string | Uint8Array | AsyncIterable<string>;
}

/** Returns the topic of a stream's path; undefined for any other path, and for a name that no stream can have. */
export function topicOfPath(path: string): string | undefined {
  if (!path.startsWith(STREAM_PATH)) return undefined;
  const topic = decoded(path.slice(STREAM_PATH.length));
  return topic !== undefined && isTopic(topic) && !isCounterTopic(topic) ? topic : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Invalid percent encoding: no topic has that name.
    return undefined;
  }
}
