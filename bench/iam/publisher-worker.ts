import { once } from 'node:events';
import { WebSocket } from 'ws';
import { nowUs, stamped } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';

interface PublisherLoad {
  readonly url: string;
  readonly count: number;
  readonly inFlight: number;
}

const TOPIC = 'iam';
/** Publishes that a busy machine could not carry out, and that are sent again. Past it the bench fails. */
const REFUSED_MAXIMUM = 10;

let socket: WebSocket | undefined;

const commands = {
  /** Publishes over one socket that is subscribed, too. Resolves when each publish has its ack and its delivery. */
  publish: async ({ url, count, inFlight }: PublisherLoad): Promise<void> => {
    const open = (socket ??= await subscribe(url));
    let [sent, acks, messages, refused] = [0, 0, 0, 0];
    const send = (): void => {
      sent++;
      open.send(`{"action":"publish","id":"${sent}","topic":"${TOPIC}","data":${stamped(nowUs())}}`);
    };
    const ended = Promise.withResolvers<void>();
    const onFrame = (data: Buffer): void => {
      const text = data.toString();
      if (text.startsWith('{"type":"message"')) messages++;
      else if (text.includes('"code":"unavailable"') && ++refused <= REFUSED_MAXIMUM) send();
      else if (!text.includes('"type":"ack"')) return ended.reject(new Error(text));
      else if (++acks && sent < count + refused) send();
      if (acks === count && messages === count) ended.resolve();
    };
    open.on('message', onFrame);
    for (let first = 0; first < inFlight; first++) send();
    await ended.promise;
    open.off('message', onFrame);
  },
};

/** The commands of this worker. */
export type PublisherCommands = typeof commands;

serve(commands);

async function subscribe(url: string): Promise<WebSocket> {
  const opened = new WebSocket(`${url}?topics=${TOPIC}`, { perMessageDeflate: false });
  await once(opened, 'message');
  return opened;
}
