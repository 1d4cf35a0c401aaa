import type { QueueStore } from '../engine/start-buckets.ts';

/** The attributes of a message: texts and numbers. */
type Attributes = Readonly<Record<string, string | number>>;

/** Sends a message to a queue, in the name of Lambda. Returns false where there is no such queue. */
export type SendToQueue = (queueArn: string, body: string, attributes?: Attributes) => boolean;

/** Returns the sender to the queues of a running service. */
export function sendToQueue(queues: QueueStore): SendToQueue {
  return (queueArn, body, attributes = {}) => {
    const queue = queues.getQueueByArn(queueArn);
    if (queue === undefined) return false;
    // The package's own class makes messages with their digests; the store is of that class.
    const { createMessage } = Object(queues.constructor);
    const typed = Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)]);
    queue.enqueue(createMessage(body, Object.fromEntries(typed)));
    return true;
  };
}

const attributeOf = (value: string | number) => ({
  DataType: typeof value === 'number' ? 'Number' : 'String',
  StringValue: String(value),
});
