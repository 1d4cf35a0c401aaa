import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../local/ports.ts';
import type { LoadTarget } from '../load/client.ts';

const TRIES = 50;
const PAUSE_MS = 50;

/** Returns whether mosquitto is on the PATH. The bench never installs it. */
export const hasMosquitto = (): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'mosquitto')));

/** Starts mosquitto with WebSockets on a free port, and runs `measure` beside it. */
export async function besideMosquitto<T>(folder: string, measure: (target: LoadTarget) => Promise<T>): Promise<T> {
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  await writeFile(
    file,
    `listener ${port} 127.0.0.1\nprotocol websockets\nallow_anonymous true\nmax_queued_messages 0\n`,
  );
  const broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  try {
    await untilListening(port, broker);
    return await measure({ kind: 'mqtt', url: `ws://127.0.0.1:${port}`, topics: ['peers'] });
  } finally {
    if (broker.exitCode === null) {
      broker.kill('SIGKILL');
      await once(broker, 'exit');
    }
  }
}

async function untilListening(port: number, broker: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < TRIES && broker.exitCode === null; attempt++) {
    const socket = createConnection(port, '127.0.0.1');
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isUp) return;
    await sleep(PAUSE_MS);
  }
  throw new Error('mosquitto did not start.');
}
