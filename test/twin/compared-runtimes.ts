/** A local runtime of others, at the commit at which its source was read. */
export interface ComparedRuntime {
  readonly name: string;
  readonly repository: string;
  readonly commit: string;
}

/** The conduct of another runtime for a behaviour of AWS, in our own words, and the file that shows it. */
interface Seen {
  readonly says: string;
  readonly file: string;
}

/** A behaviour of AWS, by its number, with what the other runtimes do. */
export interface ComparedBehaviour {
  readonly number: string;
  /** One for each runtime, in their order. Undefined: the runtime has no such part. */
  readonly others: readonly (Seen | undefined)[];
}

/** The runtimes that are compared. */
export const COMPARED_RUNTIMES: readonly ComparedRuntime[] = [
  { name: 'floci', repository: 'floci-io/floci', commit: 'a2389e7733249102c9736cfb3698cf409f41bc4b' },
  { name: 'ministack', repository: 'ministackorg/ministack', commit: 'f1bdbd8c2c3b9f10a45adf239a4c85d980fac085' },
  {
    name: 'serverless-offline',
    repository: 'dherault/serverless-offline',
    commit: 'd243b3ed4a34238c2e441ca14483e762121972aa',
  },
];

const FLOCI = 'src/main/java/io/github/hectorvent/floci';
const FLOCI_SOCKETS = `${FLOCI}/services/apigatewayv2/websocket/WebSocketHandler.java`;
const FLOCI_STREAMS = `${FLOCI}/services/lambda/DynamoDbStreamsEventSourcePoller.java`;
const MINISTACK_SOCKETS = 'ministack/services/apigateway.py';
const MINISTACK_LAMBDA = 'ministack/services/lambda_svc.py';
const OFFLINE_CLIENTS = 'src/events/websocket/WebSocketClients.js';
const OFFLINE_POSTS = 'src/events/websocket/http-routes/connections/connectionsRoutes.js';

const floci = (says: string, file = FLOCI_SOCKETS): Seen => ({ says, file });
const ministack = (says: string, file = MINISTACK_SOCKETS): Seen => ({ says, file });
const offline = (says: string, file = OFFLINE_CLIENTS): Seen => ({ says, file });

/** The behaviours that are compared, in the order of their numbers. */
export const COMPARED_BEHAVIOURS: readonly ComparedBehaviour[] = [
  {
    number: 'A2.2',
    others: [
      floci('a frame with other words, `No route found` or `Could not route message`'),
      ministack('no answer'),
      offline('no answer'),
    ],
  },
  {
    number: 'A2.3',
    others: [
      floci('hands the frame on, in base64'),
      ministack('decodes the frame as text, and routes it'),
      offline('gives the bytes to the route'),
    ],
  },
  {
    number: 'A3.2',
    others: [
      floci('as on AWS'),
      ministack('sends the body of the result, whatever the route says'),
      offline('as on AWS'),
    ],
  },
  {
    number: 'A4.1',
    others: [
      floci('waits; any status but 2xx becomes 403'),
      ministack('waits; a refusal closes before it is accepted, without the status'),
      offline('waits, and passes the status on'),
    ],
  },
  {
    number: 'A5.1',
    others: [
      floci('frames up to 128 KB; a longer one is answered by a frame, and the connection stays'),
      ministack('no limit'),
      offline('no limit but that of the package ws', 'src/events/websocket/WebSocketServer.js'),
    ],
  },
  {
    number: 'A5.2',
    others: [floci('10 minutes and 2 hours'), ministack('neither'), offline('both, as options')],
  },
  {
    number: 'A6.2',
    others: [
      floci('410 with a body', `${FLOCI}/services/apigateway/ApiGatewayExecuteController.java`),
      ministack('410 with a body, without the header'),
      offline('410 without the header', OFFLINE_POSTS),
    ],
  },
  {
    number: 'A6.4',
    others: [
      floci('when its enforcement of IAM is turned on', `${FLOCI}/core/common/IamEnforcementFilter.java`),
      ministack('not looked at'),
      offline('not looked at', OFFLINE_POSTS),
    ],
  },
  {
    number: 'A6.5',
    others: [
      floci('closes, and `$disconnect` does not run'),
      ministack('marks the connection; its loop goes on until the client closes'),
      offline('closes, and `$disconnect` runs'),
    ],
  },
  {
    number: 'B1.2',
    others: [
      floci('no such member in the event', FLOCI_STREAMS),
      ministack('no such member in the record', 'ministack/services/dynamodb.py'),
      undefined,
    ],
  },
  {
    number: 'B1.3',
    others: [
      floci('a record all the same', `${FLOCI}/services/dynamodb/DynamoDbStreamService.java`),
      ministack('a record all the same', 'ministack/services/dynamodb.py'),
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
    number: 'E1.1',
    others: [
      floci('enforcement of IAM, off by default', `${FLOCI}/config/EmulatorConfig.java`),
      ministack('well-formed credentials pass', 'ministack/app.py'),
      offline('not looked at', OFFLINE_POSTS),
    ],
  },
];
