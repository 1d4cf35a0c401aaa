import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { isObject } from '../../shared/protocol/decode-frame.ts';
import type { Failure } from '../failures/failure.ts';
import { counted } from '../output.ts';

/**
 * Invokes the function of a source to publish the records of a failure again, since no other part knows the source. The
 * function writes by the same keys: a record that was published within the last day counts once. Resolves to the reason
 * for which the failure has to stay; undefined when all its records are published.
 */
export async function publishAgain({ functionName, tableRecords }: Failure): Promise<string | undefined> {
  const client = new LambdaClient({});
  try {
    const event = { Records: tableRecords, isReplay: true };
    const invoke = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) });
    const { FunctionError, Payload } = await client.send(invoke);
    const text = Payload?.transformToString() ?? '';
    return FunctionError === undefined
      ? reasonIn(JSON.parse(text), tableRecords.length)
      : `${functionName} failed: ${text}`;
  } finally {
    client.destroy();
  }
}

/** Returns why records are left, by the result of the function; undefined when none is. */
function reasonIn(result: unknown, records: number): string | undefined {
  if (!isObject(result)) return 'the function gave no result';
  const { batchItemFailures, unpublishable } = result;
  if (Array.isArray(unpublishable) && unpublishable.length > 0)
    return `${unpublishable.length} of ${counted(records, 'record')} cannot be published: ${unpublishable[0]}`;
  const isDone = Array.isArray(batchItemFailures) && batchItemFailures.length === 0;
  return isDone ? undefined : 'not all of its records could be published: replay it again';
}
