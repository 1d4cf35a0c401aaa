import type { QueueModel } from '../model.ts';
import type { Access } from './evaluate.ts';

/** The facts that the names of a call stand for. */
export interface QueueFacts {
  readonly queues: readonly Pick<QueueModel, 'name' | 'arn'>[];
  /** The start of the ARN of a queue, up to its name. */
  readonly arnStart: string;
}

/** A call of SQS. */
export interface SqsCall {
  readonly operation: string;
  readonly input: unknown;
}

/**
 * Returns what a call does, as policies name it: a batch by its single operation. See
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html.
 */
export function sqsAccess({ queues, arnStart }: QueueFacts, { operation, input }: SqsCall): Access {
  const { QueueUrl: url, QueueName: named }: { QueueUrl?: unknown; QueueName?: unknown } = Object(input);
  const name = typeof url === 'string' ? url.slice(url.lastIndexOf('/') + 1) : typeof named === 'string' ? named : '*';
  const resource = queues.find((queue) => queue.name === name)?.arn ?? `${arnStart}${name}`;
  return { action: `sqs:${operation.replace(/Batch$/, '')}`, resource, context: {} };
}
