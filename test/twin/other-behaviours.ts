import type { Behaviour } from './behaviour.ts';

const streams = (file: string): string => `unit/local/streams/${file}.test.ts`;
const lambda = (file: string): string => `unit/local/lambda/${file}.test.ts`;

/** The behaviours of streams, Lambda, DynamoDB, S3 and IAM. */
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
    number: 'C1.1',
    what: 'an environment is frozen between invocations',
    test: [lambda('freezing'), 'work that nobody awaits continues with the next invocation only'],
  },
  {
    number: 'C1.2',
    what: 'a timeout kills the environment',
    test: [lambda('failures'), 'is killed when the time is over, and the next invocation starts cold'],
  },
  {
    number: 'C1.3',
    what: 'a rejection that nobody handles fails its invocation',
    test: [lambda('failures'), 'by a rejection that nobody waits for fails the invocation that caused it'],
  },
  {
    number: 'C1.4',
    what: 'events and results of 6 MB',
    test: [lambda('invocation'), 'may answer with 6 MB and no more'],
  },
  {
    number: 'C1.5',
    what: 'the context and the reserved environment',
    test: [lambda('invocation'), 'has a context as Lambda builds it'],
  },
  {
    number: 'C1.6',
    what: 'Invoke answers 200 for a function that failed',
    test: [lambda('invoke-api'), 'answers a function that throws with 200'],
  },
  {
    number: 'C1.7',
    what: 'asynchronous invocation with its retries',
    test: [lambda('event-invocations'), 'a function that fails gets its event three times'],
  },
  {
    number: 'C1.8',
    what: 'an asynchronous event has one id at all its attempts',
    test: [lambda('invoke-answers'), 'to an event has the id by which the function sees it, at each attempt'],
  },
  {
    number: 'C1.9',
    what: 'errors of Invoke have the members of its model',
    test: [lambda('invoke-answers'), 'says why it throttles'],
  },
  {
    number: 'C1.10',
    what: 'the end of the log and the client context',
    test: [lambda('invoke-answers'), 'has the end of the log, if the caller asks for it'],
  },
  { number: 'C1.11', what: 'the control plane: ListFunctions, UpdateEventSourceMapping', otherwise: 'not here' },
  {
    number: 'D1.1',
    what: 'items are deleted by TTL, and stay readable until then',
    test: ['unit/local/engine/ttl-sweeper.test.ts', 'deletes what has expired and keeps what DynamoDB would keep'],
  },
  {
    number: 'D1.2',
    what: 'a listing of a bucket is in the order of bytes',
    test: ['unit/local/engine/start-buckets.test.ts', 'lists every key once, in byte order'],
  },
  {
    number: 'D1.3',
    what: 'five requests that the default engine answers otherwise',
    otherwise:
      'see [the local runtime](local-runtime.md#where-the-engines-are-not-dynamodb); DynamoDB Local does each as DynamoDB',
  },
  {
    number: 'E1.1',
    what: 'a grant that is missing refuses the call in the words of the service',
    test: ['local/removed-grants.test.ts', 'is refused in the words of the service, and with the grant it passes'],
  },
  {
    number: 'E1.2',
    what: 'denials and permissions boundaries',
    test: ['unit/local/iam/judging.test.ts', 'is refused outside of the permissions boundary'],
  },
  {
    number: 'E1.3',
    what: 'conditions on leading keys',
    test: ['unit/local/iam/judging.test.ts', '%s of another key is refused'],
  },
  {
    number: 'E1.4',
    what: 'a signature for another region, or by a key of nobody',
    test: ['unit/local/iam/judging.test.ts', 'is refused with a signature %s'],
  },
  {
    number: 'E1.5',
    what: 'a role that Lambda may not take on',
    test: ['unit/local/iam/judging.test.ts', 'refuses a role that Lambda may not take on'],
  },
  { number: 'E1.6', what: 'policies of buckets and tables', otherwise: 'not judged' },
  {
    number: 'E1.7',
    what: 'a signature by another secret or of another request',
    test: ['unit/local/iam/verify-signature.test.ts', 'of another body, path, method, header or secret is noticed'],
  },
  {
    number: 'E1.8',
    what: 'a handshake with AWS_IAM on $connect, whose signer may not invoke the route',
    test: [
      'local/signed-connect.test.ts',
      'refuses a signer without the right, and one with the right at another stage',
    ],
  },
  {
    number: 'E1.9',
    what: 'a signature in the URL of a handshake',
    test: [
      'unit/local/iam/verify-signature.test.ts',
      'of another host, parameter, date, algorithm or secret is noticed',
    ],
  },
];
