import type { CallService, ServiceAnswer } from '../integrations/run-templated.ts';
import type { InvocationResult, Invoke, PipeModel, Terminal } from '../model.ts';
import type { LambdaRecord } from '../streams/stream-record.ts';

/** The lowest status of an error. */
const ERROR = 300;
/** The status of a service that is asked for too much. */
const THROTTLED = 429;

/** The dependencies of a pipe's way to its target. */
export interface TargetDeps {
  readonly callService: CallService;
  readonly terminal: Pick<Terminal, 'warn'>;
}

/**
 * Returns what takes the batches of a pipe, in the place of a function. A function gets the records of a batch as a
 * list; a queue and a topic get one message for each record, in their order. From the first record that fails on, the
 * batch is tried again.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
 */
export function sendToTarget(pipe: PipeModel, { callService, terminal }: TargetDeps): Invoke {
  const send = pipe.target.kind === 'lambda' ? invokeTarget : sendEach;
  let told: string | undefined;
  return async (_pipeArn, event) => {
    const result = await send(pipe, recordsOf(event), callService).catch((error: unknown) =>
      failed(pipe, String(error)),
    );
    // Nobody else tells it: a target has no log. Told again only when it has changed, since a batch is tried for hours.
    if (result.outcome === 'function-error' && result.errorMessage !== told) terminal.warn(result.errorMessage);
    told = result.outcome === 'function-error' ? result.errorMessage : undefined;
    return result;
  };
}

function recordsOf(event: unknown): readonly LambdaRecord[] {
  if (!isBatch(event)) throw new Error('not a batch of a stream');
  return event.Records;
}

const isBatch = (event: unknown): event is { readonly Records: readonly LambdaRecord[] } =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);

async function invokeTarget(
  pipe: PipeModel,
  records: readonly LambdaRecord[],
  callService: CallService,
): Promise<InvocationResult> {
  const answer = await call(pipe, JSON.stringify(records), callService);
  if (answer.status === THROTTLED)
    return { outcome: 'service-error', requestId: '', errorMessage: answer.body, isThrottled: true };
  if (answer.status >= ERROR) return failed(pipe, answer.body);
  const payload: unknown = JSON.parse(answer.body);
  return { outcome: 'success', requestId: '', payload };
}

/** Sends a message for each record. The result names the first record that could not be sent as a failed item. */
async function sendEach(
  pipe: PipeModel,
  records: readonly LambdaRecord[],
  callService: CallService,
): Promise<InvocationResult> {
  for (const record of records) {
    const answer = await call(pipe, messageOf(pipe, record), callService);
    if (answer.status < ERROR) continue;
    if (record === records[0]) return failed(pipe, answer.body);
    const failure = { itemIdentifier: record.dynamodb.SequenceNumber };
    return { outcome: 'success', requestId: '', payload: { batchItemFailures: [failure] } };
  }
  return { outcome: 'success', requestId: '', payload: null };
}

/** Returns the parameters by which a service takes a record as a message. */
function messageOf({ target }: PipeModel, record: LambdaRecord): string {
  const text = JSON.stringify(record);
  const parameters =
    target.kind === 'sns' ? { TopicArn: target.arn, Message: text } : { Action: 'SendMessage', MessageBody: text };
  return new URLSearchParams(parameters).toString();
}

const call = ({ target, roleArn, name }: PipeModel, body: string, callService: CallService): Promise<ServiceAnswer> =>
  callService({ target, roleArn, caller: 'pipes.amazonaws.com', body, source: name });

const failed = ({ name }: PipeModel, reason: string): InvocationResult => ({
  outcome: 'function-error',
  requestId: '',
  errorType: 'Unhandled',
  errorMessage: `the target of the pipe ${name} failed: ${reason}`,
});
