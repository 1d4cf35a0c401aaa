import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocketServer } from 'ws';
import { startGateway } from '../../local/gateway/gateway.ts';
import type { Invoke } from '../../local/model.ts';
import { serve } from '../processes/serve.ts';

/** Collections before a measurement: objects that end in one are freed by the next. */
const COLLECTIONS = 4;
/** Time in ms after a collection in which V8 gives pages back. */
const SWEEP_MS = 150;

setFlagsFromString('--expose-gc');
const collect: (options: { type: 'major'; flavor: 'regular' | 'last-resort' }) => void = runInNewContext('gc');

/** The memory of this process in bytes, after all garbage was collected. */
export interface Memory {
  readonly rss: number;
  /** The resident memory after V8 has given back what an idle process does not need. */
  readonly leastRss: number;
  /** The heap's live objects and what they hold outside of it. */
  readonly used: number;
}

const ADMITTED = { statusCode: 200 };
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:Connect';

const invoke: Invoke = async () => ({ outcome: 'success', requestId: '', payload: ADMITTED });

const commands = {
  /** Starts a gateway whose functions admit every connection at once. Resolves to the URL of its stage. */
  startGateway: async (): Promise<string> => {
    const route = { functionArn: FUNCTION, returnsResponse: true, integrationTimeoutMs: 29_000, permitted: true };
    const stage = { name: 'live', routes: ['$connect', '$disconnect'].map((routeKey) => ({ ...route, routeKey })) };
    const api = { logicalId: 'Api', apiId: 'bench00000', host: 'bench.example.com', stages: [stage] };
    const gateway = await startGateway(
      {
        api: { ...api, routeSelectionExpression: '$request.body.action' },
        region: 'us-east-1',
        accountId: '000000000000',
        port: 0,
      },
      { invoke, terminal: { info: () => undefined, warn: () => undefined, lambdaLog: () => undefined } },
    );
    return `ws://127.0.0.1:${gateway.port}/live`;
  },
  /** Starts the bare server of `ws`. Resolves to its URL. */
  startBare: async (): Promise<string> => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, clientTracking: false });
    server.on('connection', (socket) => socket.on('message', () => undefined));
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    return `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  },
  /** Collects garbage, and returns the memory of this process. */
  memory: async (): Promise<Memory> => {
    const rss = await rssAfter('regular');
    const leastRss = await rssAfter('last-resort');
    const { heapUsed, external } = process.memoryUsage();
    return { rss, leastRss, used: heapUsed + external };
  },
};

/** The commands of this worker. */
export type GatewayCommands = typeof commands;

serve(commands);

async function rssAfter(flavor: 'regular' | 'last-resort'): Promise<number> {
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    collect({ type: 'major', flavor });
    await sleep(SWEEP_MS);
  }
  return process.memoryUsage.rss();
}
