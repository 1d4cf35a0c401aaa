import { createServer } from 'node:http';
import { serveFunctionUrl } from '../../local/function-url/serve-function-url.ts';
import { loadHandler } from '../../local/lambda/load-handler.ts';
import { defineAwsLambda, runStreaming } from '../../local/lambda/response-stream.ts';
import type { FunctionModel, FunctionUrlModel } from '../../local/model.ts';
import { listen } from '../../local/ports.ts';
import { serve } from '../processes/serve.ts';

/** The door's function and its URL. */
interface Door {
  readonly model: FunctionModel;
  readonly url: FunctionUrlModel;
}

const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

const CONTEXT = { functionName: 'stream', awsRequestId: REQUEST_ID, getRemainingTimeInMillis: () => 60_000 } as const;

const commands = {
  /** Serves the door's bundle in this one process, for any number of requests at once. Resolves to its URL. */
  listen: async ({ model, url }: Door): Promise<string> => {
    defineAwsLambda();
    const handler = await loadHandler(model.codeDirectory, model.handler);
    const server = createServer(
      serveFunctionUrl(url, {
        now: Date.now,
        authorizeUrl: () => Promise.reject(new Error('Requests are not signed here.')),
        invokeJson: async (_arn, payload, { onChunk } = {}) => {
          const send = (chunk: Parameters<NonNullable<typeof onChunk>>[0], sent: () => void): void => {
            onChunk?.(chunk);
            sent();
          };
          await runStreaming(handler, JSON.parse(payload), { context: CONTEXT, send });
          return { requestId: REQUEST_ID, outcome: { kind: 'success', payload: '' } };
        },
      }),
    );
    return `http://127.0.0.1:${await listen(server, 0)}`;
  },
};

/** The commands of this worker. */
export type DoorCommands = typeof commands;

serve(commands);
