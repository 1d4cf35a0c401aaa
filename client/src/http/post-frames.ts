/** The door that frames are posted to. */
export interface Door {
  readonly href: string;
  readonly token: string | undefined;
}

/** The options of a request with frames. */
export interface PostOptions {
  readonly signal: AbortSignal;
  /** Whether the answer ends with the first news. */
  readonly isPoll?: boolean;
  /** Called whenever something of the answer arrives. */
  readonly onBytes?: () => void;
}

/**
 * Posts frames, one a line, and yields the text of each frame of the answer as it comes. Throws where the answer is not
 * that of a door: a proxy may answer anything.
 */
export async function* postFrames(
  { href, token }: Door,
  frames: readonly string[],
  { signal, isPoll = false, onBytes }: PostOptions,
): AsyncGenerator<string, void, undefined> {
  const response = await fetch(isPoll ? `${href}?live=long-poll` : href, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-ndjson',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: frames.join('\n'),
    cache: 'no-store',
    signal,
  });
  const type = response.headers.get('Content-Type') ?? '';
  if (!response.ok || response.body === null || !type.startsWith('text/event-stream')) {
    await response.body?.cancel();
    throw new Error(`The door answered ${response.status}.`);
  }
  yield* eventsOf(response.body, onBytes);
}

/** Yields the data of the events in a body. A comment is none. */
async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  onBytes: (() => void) | undefined,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes?.();
    const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) if (event.startsWith('data: ')) yield event.slice('data: '.length);
  }
}
