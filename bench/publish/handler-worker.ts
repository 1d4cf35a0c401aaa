import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stamped, nowUs } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';

interface Context {
  readonly functionName: string;
  readonly awsRequestId: string;
  readonly getRemainingTimeInMillis: () => number;
}

type Handler = (event: object, context: Context) => Promise<{ readonly body?: string }>;

let handler: Handler | undefined;

const CONTEXT: Context = {
  functionName: 'publish',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  getRemainingTimeInMillis: () => 10_000,
};

const commands = {
  /** Loads a route's bundle as its Lambda would. Its log output is discarded. */
  load: async ({ directory }: { directory: string }): Promise<void> => {
    const loaded: { handler: Handler } = await import(pathToFileURL(join(directory, 'index.mjs')).href);
    handler = loaded.handler;
  },
  /** Publishes one after another, like one warm environment. Resolves to the CPU time of this process in ms. */
  publish: async ({ topic, times }: { topic: string; times: number }): Promise<number> => {
    const cpu = process.cpuUsage();
    for (let time = 0; time < times; time++) {
      const answer = await handler?.(eventOf(topic), CONTEXT);
      if (answer?.body?.includes('"type":"ack"') !== true) throw new Error(`no ack: ${answer?.body}`);
    }
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1_000;
  },
};

/** The commands of this worker. */
export type HandlerCommands = typeof commands;

serve(commands);

const eventOf = (topic: string): object => ({
  requestContext: {
    routeKey: 'publish',
    eventType: 'MESSAGE',
    connectionId: 'JNqaFd1mIAMCKxA=',
    connectedAt: Date.now(),
    requestTimeEpoch: Date.now(),
    requestId: 'JNqaFd1mIAMCKxA=',
    domainName: 'localhost',
    stage: 'live',
  },
  body: `{"action":"publish","id":"1","topic":"${topic}","data":${stamped(nowUs())}}`,
  isBase64Encoded: false,
});
