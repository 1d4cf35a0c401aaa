import type { QueueStore } from '../engine/start-buckets.ts';

/** A message attribute of the type String. */
type TextAttributes = Readonly<Record<string, string>>;

/** Sends a message to a queue, in the name of Lambda. Returns false where there is no such queue. */
export type SendToQueue = (queueArn: string, body: string, attributes?: TextAttributes) => boolean;

/** Returns the sender to the queues of a running service. */
export function sendToQueue(queues: QueueStore): SendToQueue {
  return (queueArn, body, attributes = {}) => {
    const queue = queues.getQueueByArn(queueArn);
    if (queue === undefined) return false;
    // The package's own class makes messages with their digests; the store is of that class.
    const { createMessage } = Object(queues.constructor);
    const texts = Object.entries(attributes).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]);
    queue.enqueue(createMessage(body, Object.fromEntries(texts)));
    return true;
  };
}
