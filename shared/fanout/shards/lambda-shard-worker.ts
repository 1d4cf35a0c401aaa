import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { decodeShardAnswer, type InvokeShard } from './shard-task.ts';
import { WORKER_CONCURRENCY } from './deliver-by-workers.ts';
import { CONNECT_TIMEOUT_MS } from '../../post/post.ts';

/** Deadline in ms of one invocation of a shard worker, longer than the function may run. */
export const WORKER_TIMEOUT_MS = 32_000;

/**
 * Creates a function that invokes the shard worker's Lambda with a task and waits for its answer. There is no retry
 * here: a call whose answer is lost may have been done, and only the caller knows what a retry would repeat.
 */
export function createLambdaShardWorker(FunctionName: string): InvokeShard {
  const agent = { keepAlive: true, maxSockets: WORKER_CONCURRENCY };
  const client = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { httpAgent: agent, httpsAgent: agent, connectionTimeout: CONNECT_TIMEOUT_MS },
  });
  return async (task) => {
    const abortSignal = AbortSignal.timeout(WORKER_TIMEOUT_MS);
    const invoke = new InvokeCommand({ FunctionName, Payload: JSON.stringify(task) });
    const { FunctionError, Payload } = await client.send(invoke, { abortSignal });
    const text = Payload?.transformToString() ?? '';
    if (FunctionError !== undefined) throw new Error(`The worker failed (${FunctionError}): ${text}`);
    return decodeShardAnswer(text);
  };
}
