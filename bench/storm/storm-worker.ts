import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import type { connect } from '../../client/src/index.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import { monotonicMs } from '../harness/clock.ts';
import { type CutProxy, startCutProxy } from '../load/cut-proxy.ts';
import { serve } from '../processes/serve.ts';

/** The clients that lose their connections at once. */
export interface StormLoad {
  /** The URL of the stage. */
  readonly url: string;
  /** The checkout whose client library the clients use. */
  readonly root: string;
  readonly clients: number;
  /** The topics, of which each client has some, in turn. */
  readonly topics: readonly string[];
  readonly topicsEach: number;
}

interface ClientLibrary {
  readonly connect: typeof connect;
}

let proxy: CutProxy | undefined;
/** Ends when all clients have the message of this storm. */
let missing = 0;
let allThere = (): void => undefined;
let publish: (topic: string, storm: number) => Promise<unknown> = async () => undefined;
let topics: readonly string[] = [];
let storms = 0;

const commands = {
  /** Opens the clients through a proxy, and one that publishes beside it. Resolves when all are live. */
  open: async (load: StormLoad): Promise<void> => {
    const library: ClientLibrary = await import(pathToFileURL(join(load.root, 'client/src/index.ts')).href);
    const through = new URL(load.url);
    proxy = await startCutProxy(Number(through.port));
    through.port = String(proxy.port);
    topics = load.topics;
    const publisher = library.connect(load.url, { socketClass: WebSocket });
    publish = (topic, storm) => publisher.publish(topic, storm);
    for (let client = 0; client < load.clients; client++)
      await openOne(library, { ...load, url: through.href }, client);
  },
  /**
   * Ends all connections at once, publishes one message to each topic, and takes connections again. Resolves to the
   * time in ms from then on until every client has every message.
   */
  storm: async (expected: number): Promise<number> => {
    missing = expected;
    storms++;
    const done = new Promise<void>((resolve) => (allThere = resolve));
    proxy?.cut();
    await Promise.all(topics.map((topic) => publish(topic, storms)));
    proxy?.restore();
    const beganMs = monotonicMs();
    const limit = setTimeout(() => process.exit(1), BENCH_BOUNDS.WORKER_MS);
    await done;
    clearTimeout(limit);
    return monotonicMs() - beganMs;
  },
};

/** The commands of this worker. */
export type StormCommands = typeof commands;

serve(commands);

async function openOne(library: ClientLibrary, { url, ...load }: StormLoad, client: number): Promise<void> {
  const rt = library.connect<Record<string, number>>(url, { socketClass: WebSocket });
  const own = Array.from({ length: load.topicsEach }, (_, index) => load.topics[(client + index) % load.topics.length]);
  await Promise.all(
    own.map((topic = '') => {
      const subscription = rt.subscribe(topic);
      subscription.on('message', ({ data }) => arrived(data));
      return new Promise((resolve) => subscription.on('subscribed', resolve));
    }),
  );
}

function arrived(storm: number): void {
  if (storm !== storms) return;
  missing--;
  if (missing === 0) allThere();
}
