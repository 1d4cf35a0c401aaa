import { once } from 'node:events';
import { WebSocket } from 'ws';
import { monotonicMs } from '../harness/clock.ts';
import { nowUs, stamped } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';

const MS_PER_SECOND = 1_000;

interface AckLoad {
  readonly url: string;
  readonly inFlight: number;
  /** Left out: the first find every environment cold. */
  readonly warmMs: number;
  readonly measuredMs: number;
}

const commands = {
  /** Publishes over one socket, so many at once, each under a topic of its own kind of use: nobody is subscribed. */
  publish: async ({ url, inFlight, warmMs, measuredMs }: AckLoad): Promise<number> => {
    const socket = new WebSocket(`${url}?topics=`, { perMessageDeflate: false });
    await once(socket, 'open');
    let [sent, acks] = [0, 0];
    const send = (): void => {
      sent++;
      socket.send(`{"action":"publish","id":"${sent}","topic":"acks-${sent % inFlight}","data":${stamped(nowUs())}}`);
    };
    const ended = Promise.withResolvers<void>();
    const beganMs = monotonicMs() + warmMs;
    socket.on('message', (data: Buffer) => {
      if (!data.toString().includes('"type":"ack"')) return ended.reject(new Error(data.toString()));
      const elapsedMs = monotonicMs() - beganMs;
      if (elapsedMs >= 0) acks++;
      if (elapsedMs >= measuredMs) ended.resolve();
      else send();
    });
    for (let first = 0; first < inFlight; first++) send();
    await ended.promise;
    return (acks * MS_PER_SECOND) / (monotonicMs() - beganMs);
  },
};

export type AckCommands = typeof commands;

serve(commands);
