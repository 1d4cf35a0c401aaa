import type { QueueModel } from '../model.ts';
import { findTextField, type Fields } from './fields.ts';

/** Returns the queue that an event source mapping reads; undefined for one that reads something else. */
export function queueOf(properties: Fields, queues: readonly QueueModel[]): QueueModel | undefined {
  const named = findTextField(properties, 'EventSourceArn');
  return queues.find(({ arn }) => arn === named);
}

/** Returns whether an ARN is that of a queue. */
export const isQueue = (arn: string): boolean => /^arn:[^:]+:sqs:/.test(arn);
