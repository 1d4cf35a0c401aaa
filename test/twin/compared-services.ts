import { type ComparedBehaviour, FLOCI, floci, ministack, offline } from './compared-behaviour.ts';

const FLOCI_STREAMS = `${FLOCI}/services/lambda/DynamoDbStreamsEventSourcePoller.java`;
const FLOCI_QUEUES = `${FLOCI}/services/lambda/SqsEventSourcePoller.java`;
const FLOCI_LAMBDA = `${FLOCI}/services/lambda/LambdaExecutorService.java`;
const FLOCI_API = `${FLOCI}/services/lambda/LambdaController.java`;
const MINISTACK_LAMBDA = 'ministack/services/lambda_svc.py';
const MINISTACK_QUEUES = 'ministack/services/sqs.py';
const MINISTACK_TABLES = 'ministack/services/dynamodb.py';
const OFFLINE_LAMBDA = 'src/lambda/LambdaFunction.js';
const OFFLINE_POSTS = 'src/events/websocket/http-routes/connections/connectionsRoutes.js';

/** The behaviours of streams, queues, functions, tables and rights that are compared, in the order of their numbers. */
export const COMPARED_SERVICES: readonly ComparedBehaviour[] = [
  {
    number: 'B1.2',
    others: [
      floci('no such member in the event', FLOCI_STREAMS),
      ministack('no such member in the record', MINISTACK_TABLES),
      undefined,
    ],
  },
  {
    number: 'B1.3',
    others: [
      floci('a record all the same', `${FLOCI}/services/dynamodb/DynamoDbStreamService.java`),
      ministack('a record all the same', MINISTACK_TABLES),
      undefined,
    ],
  },
  {
    number: 'B2.1',
    others: [
      floci('no window: each poll invokes with what there is', FLOCI_STREAMS),
      ministack('no window: each poll invokes with what there is', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B2.2',
    others: [
      floci('one batch at a time; there is no parallelization factor', FLOCI_STREAMS),
      ministack('one batch at a time; the factor is stored', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B2.3',
    others: [
      floci('the poller of DynamoDB streams filters nothing', FLOCI_STREAMS),
      ministack('as on AWS', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B2.5',
    others: [floci('no windows', FLOCI_STREAMS), ministack('no windows', MINISTACK_LAMBDA), undefined],
  },
  {
    number: 'B2.6',
    others: [
      floci(
        'from streams and queues to functions, queues, topics and others, with filters',
        `${FLOCI}/services/pipes/PipesPoller.java`,
      ),
      ministack('from a stream to a topic, without filters', 'ministack/services/pipes.py'),
      undefined,
    ],
  },
  {
    number: 'B3.1',
    others: [
      floci('the answer to a batch of a DynamoDB stream is not read', FLOCI_STREAMS),
      ministack('the answer to a batch of a DynamoDB stream is not read', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B3.3',
    others: [
      floci('a batch that fails is tried again without an end', FLOCI_STREAMS),
      ministack('a batch that fails is tried again until its records are too old', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B3.4',
    others: [
      floci('bisecting is stored, and not done', `${FLOCI}/services/lambda/LambdaService.java`),
      ministack('bisecting is stored, and not done', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B3.6',
    others: [floci('not looked at', FLOCI_STREAMS), ministack('when a batch fails', MINISTACK_LAMBDA), undefined],
  },
  {
    number: 'B3.7',
    others: [floci('the interval of its poller', FLOCI_STREAMS), ministack('1 second', MINISTACK_LAMBDA), undefined],
  },
  {
    number: 'B4.1',
    others: [
      floci('with the attributes of FIFO queues', FLOCI_QUEUES),
      ministack('without the attributes of FIFO queues', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B4.2',
    others: [floci('as on AWS', FLOCI_QUEUES), ministack('as on AWS', MINISTACK_QUEUES), undefined],
  },
  {
    number: 'B4.3',
    others: [
      floci('the poller of queues filters nothing', FLOCI_QUEUES),
      ministack(
        'deleted at once if the whole batch is held back, else with the batch when it succeeds',
        MINISTACK_LAMBDA,
      ),
      undefined,
    ],
  },
  {
    number: 'B4.4',
    others: [
      floci('the destination is stored, and gets nothing', FLOCI_STREAMS),
      ministack('for records that are too old', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B4.5',
    others: [
      floci('the queue is stored, and gets nothing', FLOCI_LAMBDA),
      ministack('the event inside a record of the failure', MINISTACK_LAMBDA),
      undefined,
    ],
  },
  {
    number: 'B4.6',
    others: [
      floci('the retention is stored, and drops nothing', `${FLOCI}/services/sqs/SqsService.java`),
      ministack('the retention is stored, and drops nothing', MINISTACK_QUEUES),
      undefined,
    ],
  },
  {
    number: 'C1.1',
    others: [
      floci('the container runs on', FLOCI_LAMBDA),
      ministack('the container or process runs on', MINISTACK_LAMBDA),
      offline('the worker thread runs on', 'src/lambda/handler-runner/worker-thread-runner/WorkerThreadRunner.js'),
    ],
  },
  {
    number: 'C1.2',
    others: [
      floci('destroys the container 2 seconds after the time', FLOCI_LAMBDA),
      ministack('as on AWS', MINISTACK_LAMBDA),
      offline('ends the worker thread, unless the option `noTimeout` is set', OFFLINE_LAMBDA),
    ],
  },
  {
    number: 'C1.4',
    others: [
      floci('as on AWS; a result past it is answered 413', FLOCI_API),
      ministack('the size is not looked at', MINISTACK_LAMBDA),
      offline('the size of the event, not of the result', 'src/lambda/routes/invocations/invocationsRoute.js'),
    ],
  },
  {
    number: 'C1.7',
    others: [
      floci('one attempt; the number of retries is stored', FLOCI_LAMBDA),
      ministack('retries with growing pauses', MINISTACK_LAMBDA),
      offline('one attempt', 'src/lambda/routes/invocations/InvocationsController.js'),
    ],
  },
  {
    number: 'C1.14',
    others: [floci('by its API', FLOCI_API), ministack('by its API', MINISTACK_LAMBDA), undefined],
  },
  {
    number: 'C1.16',
    others: [
      floci('one folder at /opt, in the container', `${FLOCI}/services/lambda/launcher/ContainerLauncher.java`),
      ministack('one folder at /opt, in the container', MINISTACK_LAMBDA),
      offline('at /opt with Docker, fetched from AWS', 'src/lambda/handler-runner/docker-runner/DockerContainer.js'),
    ],
  },
  {
    number: 'D1.1',
    others: [
      floci(
        'deleted every minute; a query leaves out what has expired',
        `${FLOCI}/services/dynamodb/DynamoDbService.java`,
      ),
      ministack('deleted every minute, without a record in the stream', MINISTACK_TABLES),
      undefined,
    ],
  },
  {
    number: 'E1.1',
    others: [
      floci('enforcement of IAM, off by default', `${FLOCI}/config/EmulatorConfig.java`),
      ministack('well-formed credentials pass', 'ministack/app.py'),
      offline('not looked at', OFFLINE_POSTS),
    ],
  },
  {
    number: 'E1.10',
    others: [
      floci('authorizers of type CUSTOM alone'),
      ministack('authorizers by JWT alone'),
      offline('functions as authorizers alone'),
    ],
  },
];
