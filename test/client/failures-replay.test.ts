import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { connect, type Realtime, type SocketClass } from '../../client/src/index.ts';
import { collect } from '../helpers/collect.ts';
import { runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { REQUEST_TIMEOUT_MS } from '../helpers/patience.ts';

const run = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('clients of a server whose callback endpoint was down past all retries', () => {
  let bench: RuntimeBench;
  let directory: string;
  let isDown = false;
  const clients: Realtime[] = [];
  const sockets = new Set<WebSocket>();
  class Tapped extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      sockets.add(this);
      this.on('close', () => sockets.delete(this));
    }
  }
  const socketClass: SocketClass = Tapped;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'distributary-given-up-'));
    bench = await startBench({ interceptCallback: () => (isDown ? { statusCode: 503 } : undefined) });
  });

  afterAll(async () => {
    for (const rt of clients) rt.close();
    await bench.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function open(options: Parameters<typeof connect>[1] = {}): Realtime {
    const rt = connect(bench.runtime.url, { requestTimeoutMs: REQUEST_TIMEOUT_MS, ...options });
    clients.push(rt);
    return rt;
  }

  const replayFailures = () =>
    runCommand(bench.runtime.port, 'replay', '--all-failures', '--state', join(directory, 'replay.json'));

  it('have everything once and in order after the replay, those that stayed and those that reconnected', async () => {
    const topic = unusedName('given-up');
    const publisher = open();
    const followers = [open(), open(), open({ socketClass, random: () => 0.01 })].map((rt) => ({
      votes: rt.counter(topic),
      ...collect(rt.subscribe(topic)),
    }));
    const has = (count: number) => () => followers.every(({ seqs }) => seqs.length >= count);
    await eventually(
      () => followers.every(({ subscription, votes }) => subscription.state === 'live' && votes.state === 'live'),
      'subscribed',
    );
    for (const each of run(1, 10)) await publisher.publish(topic, each);
    await eventually(has(10), 'the first ten have come');

    isDown = true;
    for (const each of run(11, 40)) await publisher.publish(topic, each);
    const value = await publisher.counter(topic).increment(7);
    for (const socket of sockets) socket.terminate();
    await eventually(() => bench.runtime.idle(), 'all is given up');
    const givenUp = (await bench.failures()).length;
    isDown = false;
    const replayed = await replayFailures();
    await eventually(() => has(40)() && followers.every(({ votes }) => votes.value === value), 'all has come');
    const again = await replayFailures();
    await publisher.publish(topic, 41);
    await eventually(has(41), 'the last has come');

    expect(givenUp).toBeGreaterThan(0);
    for (const { seqs, data, gaps } of followers) {
      expect(seqs).toEqual(run(1, 41));
      expect(data).toEqual(run(1, 41));
      expect(gaps).toEqual([]);
    }
    expect(replayed.stdout).toContain('removed');
    expect(again.stdout).not.toContain('removed');
  });
});
