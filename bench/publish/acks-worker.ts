import { once } from 'node:events';
import { WebSocket } from 'ws';
import { monotonicMs } from '../harness/clock.ts';
import { nowUs, stamped } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';

const MS_PER_SECOND = 1_000;

interface AckLoad {
  readonly url: string;
  readonly inFlight: number;
  /** Time in ms before measuring: the first publishes find every environment cold. */
  readonly warmMs: number;
  readonly measuredMs: number;
}

const commands = {
  /**
   * Publishes over one socket with `inFlight` publishes in flight, each on a separate topic without subscribers.
   * Resolves to the acks a second.
   */
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

/** The commands of this worker. */
export type AckCommands = typeof commands;

serve(commands);
