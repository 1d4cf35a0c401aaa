import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A frame that does not come by then is not coming. */
const PATIENCE_MS = 100_000;

export type Frame = Readonly<Record<string, unknown>>;
type Match = (frame: Frame) => boolean;

/** A raw WebSocket client whose tests read as dialogues: say, then hear. */
export interface Dialogue {
  readonly socket: WebSocket;
  /** Every frame so far, in order of arrival; text that is not JSON as `{ text }`. */
  readonly heard: readonly Frame[];
  /** Sends an object as JSON, a string as it is. */
  readonly say: (frame: Frame | string) => void;
  /** The next frame, not taken yet, that fits; all others stay. */
  readonly hear: (match: Match | Frame) => Promise<Frame>;
  /** Says a frame with a fresh id and returns its answer. */
  readonly ask: (frame: Frame) => Promise<Frame>;
  /** Waits until this number of frames has come in all. */
  readonly count: (frames: number) => Promise<void>;
  /** The close code and reason, when the server closes. */
  readonly closed: () => Promise<{ code: number; reason: string }>;
  readonly close: () => Promise<void>;
  /** Cuts the TCP connection without a word. */
  readonly cut: () => void;
}

/** Connects; rejects when the handshake is refused. */
export async function openDialogue(url: string, protocols: string[] = []): Promise<Dialogue> {
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
  const heard: Frame[] = [];
  const untaken: Frame[] = [];
  const waiting = new Set<() => void>();
  const closing = Promise.withResolvers<{ code: number; reason: string }>();
  socket.on('message', (data: Buffer) => {
    const frame = decode(data.toString());
    heard.push(frame);
    untaken.push(frame);
    for (const look of waiting) look();
  });
  socket.on('close', (code, reason) => closing.resolve({ code, reason: String(reason) }));
  await once(socket, 'open');
  // From here on a broken socket shows as a close.
  socket.on('error', () => undefined);

  const say: Dialogue['say'] = (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const hear: Dialogue['hear'] = (wanted) =>
    take({ untaken, waiting, fits: matcher(wanted), describe: () => describe(wanted, heard) });
  let asked = 0;
  return {
    socket,
    heard,
    say,
    hear,
    ask: (frame) => {
      asked += 1;
      const id = `ask-${asked}`;
      say({ ...frame, id });
      return hear((answer) => answer['id'] === id);
    },
    count: async (frames) => {
      while (heard.length < frames) await nextLook(waiting, () => `heard ${heard.length} of ${frames} frames`);
    },
    closed: () => closing.promise,
    close: async () => {
      socket.close();
      await closing.promise;
    },
    cut: () => socket.terminate(),
  };
}

interface Taking {
  readonly untaken: Frame[];
  readonly waiting: Set<() => void>;
  readonly fits: Match;
  readonly describe: () => string;
}

function take({ untaken, waiting, fits, describe }: Taking): Promise<Frame> {
  const { promise, resolve, reject } = Promise.withResolvers<Frame>();
  const look = (): void => {
    const index = untaken.findIndex(fits);
    const [frame] = index === -1 ? [] : untaken.splice(index, 1);
    if (frame === undefined) return;
    waiting.delete(look);
    resolve(frame);
  };
  const timer = setTimeout(() => reject(new Error(describe())), PATIENCE_MS);
  waiting.add(look);
  look();
  return promise.finally(() => {
    clearTimeout(timer);
    waiting.delete(look);
  });
}

function nextLook(waiting: Set<() => void>, describe: () => string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(describe())), PATIENCE_MS);
  waiting.add(resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    waiting.delete(resolve);
  });
}

const matcher = (wanted: Match | Frame): Match =>
  typeof wanted === 'function'
    ? wanted
    : (frame) => Object.entries(wanted).every(([name, value]) => frame[name] === value);

const describe = (wanted: Match | Frame, heard: readonly Frame[]): string =>
  `did not hear ${typeof wanted === 'function' ? 'it' : JSON.stringify(wanted)}; heard ${heard.length} frames, last: ${JSON.stringify(heard.slice(-5))}`;

function decode(text: string): Frame {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' && frame !== null ? { ...frame } : { text };
  } catch {
    // The plain answers (pong, Polo!) are not JSON.
    return { text };
  }
}
