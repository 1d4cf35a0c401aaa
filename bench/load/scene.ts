import type { Commands } from '../processes/serve.ts';
import { type RuntimeProcess, type RuntimeProcessOptions, startRuntimeProcess } from '../processes/start-runtime.ts';
import { startWorker, type Worker, type WorkerOptions } from '../processes/start-worker.ts';
import type { LoadTarget } from './client.ts';
import type { ClientCommands } from './clients-worker.ts';

/** A process with clients. */
export type Clients = Worker<ClientCommands>;

/** The processes of one measurement, which end with it. */
export interface Scene {
  readonly runtime: (options: RuntimeProcessOptions) => Promise<RuntimeProcess>;
  readonly worker: <C extends Commands>(file: URL, options?: WorkerOptions) => Worker<C>;
  /** Starts a separate process with `count` clients, connected and subscribed. */
  readonly clients: (target: LoadTarget, count: number) => Promise<Clients>;
}

const CLIENTS_WORKER = new URL('clients-worker.ts', import.meta.url);

/** Runs one measurement in fresh processes, and ends them in any case. */
export async function inScene<T>(run: (scene: Scene) => Promise<T>): Promise<T> {
  const started: { readonly stop: () => Promise<void> }[] = [];
  const kept = <S extends { readonly stop: () => Promise<void> }>(each: S): S => {
    started.push(each);
    return each;
  };
  const worker: Scene['worker'] = (file, options) => kept(startWorker(file, options));
  try {
    return await run({
      worker,
      runtime: async (options) => kept(await startRuntimeProcess(options)),
      clients: async (target, count) => {
        const clients = worker<ClientCommands>(CLIENTS_WORKER);
        await clients.call('connect', { target, count });
        return clients;
      },
    });
  } finally {
    // Newest first, so that clients end before the server that delivers to them.
    for (const each of started.toReversed()) await each.stop();
  }
}
