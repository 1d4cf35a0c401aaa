import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { FANOUT_BOUNDS } from '../bounds.ts';
import { decodeShardAnswer, type InvokeShard } from './shard-task.ts';

/**
 * Has the worker's Lambda do a task and waits for its answer. One try: a call whose answer is lost may have been done, so
 * whether to ask again is for the caller, who knows what that repeats.
 */
export function createLambdaShardWorker(FunctionName: string): InvokeShard {
  const agent = { keepAlive: true, maxSockets: FANOUT_BOUNDS.WORKER_CONCURRENCY };
  const client = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { httpAgent: agent, httpsAgent: agent, connectionTimeout: FANOUT_BOUNDS.CONNECT_TIMEOUT_MS },
  });
  return async (task) => {
    const abortSignal = AbortSignal.timeout(FANOUT_BOUNDS.WORKER_TIMEOUT_MS);
    const invoke = new InvokeCommand({ FunctionName, Payload: JSON.stringify(task) });
    const { FunctionError, Payload } = await client.send(invoke, { abortSignal });
    const text = Payload?.transformToString() ?? '';
    if (FunctionError !== undefined) throw new Error(`The worker failed (${FunctionError}): ${text}`);
    return decodeShardAnswer(text);
  };
}
