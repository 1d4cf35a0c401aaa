import { connect } from '../../client/src/index.ts';
import type { Socket } from '../../client/src/index.ts';
import { nowUs, stamped } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';

/** A reader of frames that is measured. */
export type ClientVariant = 'library, single frames' | 'library, batches' | 'JSON.parse';

interface ClientLoad {
  readonly variant: ClientVariant;
  readonly messages: number;
  readonly warmMessages: number;
}

const TOPIC = 'bench';
const EPOCH = 'bench';
const MESSAGES_PER_BATCH = 50;
const US_PER_MS = 1_000;

type Heard = (event: { readonly data: unknown }) => void;

/** Passes a frame to the client. */
let hear: Heard = () => undefined;

/** A socket that receives the frames passed to `hear`, and discards what the client sends. */
class FedSocket implements Socket {
  send(): void {}
  close(): void {}
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code?: number }) => void): void;
  addEventListener(type: 'message', listener: Heard): void;
  addEventListener(type: string, listener: (event: { readonly data: unknown; readonly code?: number }) => void): void {
    if (type === 'message') hear = listener;
    if (type === 'open') queueMicrotask(() => listener({ data: undefined }));
  }
}

const commands = {
  /** Returns the CPU time per message in microseconds. */
  load: async ({ variant, messages, warmMessages }: ClientLoad): Promise<number> => {
    const feed = await FEEDS[variant]();
    feed(framesOf(variant, 1, warmMessages));
    const frames = framesOf(variant, warmMessages + 1, messages);
    const cpu = process.cpuUsage();
    const heard = feed(frames);
    const { user, system } = process.cpuUsage(cpu);
    if (heard !== warmMessages + messages)
      throw new Error(`${heard} messages were received, not ${warmMessages + messages}`);
    return (user + system) / messages;
  },
};

/** The commands of this worker. */
export type LibraryCommands = typeof commands;

serve(commands);

/** Reads frames. Returns the total number of messages received so far. */
type Feed = (frames: readonly string[]) => number;

const FEEDS: Readonly<Record<ClientVariant, () => Promise<Feed>>> = {
  'library, single frames': openLibrary,
  'library, batches': openLibrary,
  'JSON.parse': parseAlone,
};

async function openLibrary(): Promise<Feed> {
  const rt = connect('ws://127.0.0.1/', { topics: [TOPIC], socketClass: FedSocket });
  let heard = 0;
  const subscription = rt.subscribe(TOPIC);
  subscription.on('message', () => heard++);
  const live = new Promise<void>((resolve) => {
    subscription.on('subscribed', () => resolve());
  });
  await new Promise(setImmediate);
  const subscribed = { type: 'subscribed', topic: TOPIC, epoch: EPOCH, seq: 0, recovered: true, messages: [] };
  hear({ data: JSON.stringify(subscribed) });
  await live;
  return (frames) => {
    for (const data of frames) hear({ data });
    return heard;
  };
}

/** Returns a feed with the minimum that any client does: parse each frame. */
async function parseAlone(): Promise<Feed> {
  let heard = 0;
  return (frames) => {
    for (const frame of frames) {
      const { type }: { type: string } = JSON.parse(frame);
      if (type === 'message') heard++;
    }
    return heard;
  };
}

function framesOf(variant: ClientVariant, firstSeq: number, messages: number): string[] {
  const publishedAt = new Date(nowUs() / US_PER_MS).toISOString();
  const singles = Array.from({ length: messages }, (_, index) => {
    const envelope = JSON.stringify({
      type: 'message',
      topic: TOPIC,
      epoch: EPOCH,
      seq: firstSeq + index,
      publishedAt,
    });
    return `${envelope.slice(0, -1)},"data":${stamped(nowUs())}}`;
  });
  if (variant !== 'library, batches') return singles;
  const batches = Array.from({ length: Math.ceil(messages / MESSAGES_PER_BATCH) }, (_, index) =>
    singles.slice(index * MESSAGES_PER_BATCH, (index + 1) * MESSAGES_PER_BATCH),
  );
  return batches.map((batch) => `{"type":"batch","frames":[${batch.join(',')}]}`);
}
