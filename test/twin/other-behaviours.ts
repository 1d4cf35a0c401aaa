import type { Behaviour } from './behaviour.ts';

const streams = (file: string): string => `unit/local/streams/${file}.test.ts`;

/** The behaviours of streams and queues. */
export const OTHER_BEHAVIOURS: readonly Behaviour[] = [
  {
    number: 'B1.1',
    what: 'the shape of a record in the event, field by field',
    test: [streams('stream-record'), 'becomes the event that Lambda gets, field by field and in its order'],
  },
  {
    number: 'B1.2',
    what: 'the deletion of an expired item carries userIdentity',
    test: [streams('event-source-mapping'), 'shows the deletion of an expired item as one by DynamoDB'],
  },
  {
    number: 'B1.3',
    what: 'a write that changes nothing makes no record',
    test: [streams('event-source-mapping'), 'hands on no write that changes nothing'],
  },
  {
    number: 'B1.4',
    what: 'sequence numbers of different lengths compare as numbers',
    test: [streams('shard-polling'), 'compare sequence numbers as numbers'],
  },
  {
    number: 'B2.1',
    what: 'a window ends early with a full batch or 6 MB',
    test: [streams('batch-window'), 'ends early at 6 MB, which no batch passes unless it is one record'],
  },
  {
    number: 'B2.2',
    what: 'lanes keep the order of an item',
    test: [streams('event-source-mapping'), 'keeps the order of each item over lanes while invocations fail'],
  },
  {
    number: 'B2.3',
    what: 'records that a filter holds back advance the place in the stream',
    test: [streams('shard-polling'), 'passes over what the filters hold back, and the checkpoint with it'],
  },
  {
    number: 'B2.4',
    what: 'a shard is read after its parents',
    test: [streams('shard-polling'), 'are read parents first'],
  },
  {
    number: 'B2.5',
    what: 'tumbling windows, with their state, over several batches',
    test: [streams('tumbling-windows'), 'invokes with the window, its state and its place'],
  },
  {
    number: 'B2.6',
    what: 'pipes from a stream to a function, a queue or a topic, by their filters and the rights of their roles',
    test: ['local/pipes.test.ts', 'sends each record that its filter takes to a %s, as a message of its own'],
  },
  {
    number: 'B3.1',
    what: 'a partial answer is progress up to its lowest number',
    test: [streams('batch-verdict'), 'makes progress up to the lowest number named'],
  },
  {
    number: 'B3.2',
    what: 'an answer is ignored where failures are not reported',
    test: [streams('batch-verdict'), 'means success whatever it says when failures are not reported'],
  },
  {
    number: 'B3.3',
    what: 'a batch is tried 1 + MaximumRetryAttempts times, then written to the bucket',
    test: [streams('batch-retries'), 'is tried again whole, 1 + MaximumRetryAttempts times'],
  },
  {
    number: 'B3.4',
    what: 'halves do not use up retries',
    test: [streams('batch-retries'), 'is bisected until the poison record is alone, without using up its retries'],
  },
  {
    number: 'B3.5',
    what: 'partial progress renews the retries',
    test: [streams('batch-retries'), 'gets a fresh budget after partial progress'],
  },
  {
    number: 'B3.6',
    what: 'records that are too old are given up',
    test: [streams('batch-retries'), 'is given up when its records have passed MaximumRecordAgeInSeconds'],
  },
  {
    number: 'B3.7',
    what: 'the time between two tries',
    otherwise: 'AWS does not say how long it waits; here 100 ms, doubling to 5 s',
  },
  {
    number: 'B4.1',
    what: 'the event of a queue, field by field',
    test: [
      'local/queues.test.ts',
      'hands messages on to the function that reads the queue, in the form of the service',
    ],
  },
  {
    number: 'B4.2',
    what: 'what fails is visible again, and moves to the dead-letter queue when it was received too often',
    test: ['local/queues.test.ts', 'tries what has failed again, and moves it to the dead-letter queue'],
  },
  {
    number: 'B4.3',
    what: 'a message that a filter holds back is deleted',
    test: ['local/queues.test.ts', 'never hands on what its filter holds back'],
  },
  {
    number: 'B4.4',
    what: 'queues as destinations of streams, without the payload',
    test: ['local/queues.test.ts', 'puts what a stream’s function gave up into the queue of its destination'],
  },
  {
    number: 'B4.5',
    what: 'dead-letter queues of asynchronous events',
    test: ['local/queues.test.ts', 'puts an asynchronous event that is given up into the dead-letter queue, as it was'],
  },
  {
    number: 'B4.6',
    what: 'messages end with the retention of their queue',
    test: ['unit/local/engine/bound-queues.test.ts', 'drops what is older than the retention of the queue'],
  },
  {
    number: 'B4.7',
    what: 'a queue has at most 120,000 messages in flight; past it a short poll is OverLimit, and nothing of a FIFO queue',
    test: ['unit/local/engine/bound-queues.test.ts', 'hands out no more than may be in flight'],
  },
];
