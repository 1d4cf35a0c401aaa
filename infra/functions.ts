import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { AuthSettings } from '../shared/auth/auth-settings.ts';
import { ENVIRONMENT } from '../shared/config.ts';
import { BY_TOPIC } from '../shared/store/schema.ts';
import { authorizeBy } from './authorize-by.ts';
import type { HandlerBundles } from './handler-bundles.ts';
import { HandlerFunction } from './handler-function.ts';
import type { Settings } from './settings.ts';
import type { Tables } from './tables.ts';
import { withSchemas } from './topic-schemas.ts';

/**
 * The handler's file name of each Lambda that every stack has, by its construct id. A test compares it with the files
 * of handlers/.
 */
export const HANDLERS = {
  Connect: 'connect',
  Disconnect: 'disconnect',
  Subscribe: 'subscribe',
  Unsubscribe: 'unsubscribe',
  Publish: 'publish',
  Plus: 'plus',
  Minus: 'minus',
  OnMessage: 'on-message',
  Ping: 'ping',
  SetPresence: 'set-presence',
  Default: 'default',
  Broadcast: 'broadcast',
  CatchUp: 'catch-up',
  ShardWorker: 'shard-worker',
  Presence: 'presence',
} as const;

/** The handler's file name of the authorizer, which only a stack with authentication has. */
export const AUTHORIZE_HANDLER = 'authorize';

/** The construct id of a Lambda. */
export type FunctionId = keyof typeof HANDLERS;

/** The construct ids of all Lambdas. */
export const FUNCTION_IDS = Object.keys(HANDLERS).filter((id): id is FunctionId => id in HANDLERS);

/**
 * The Lambdas that post to connections, the stream Lambdas and the shard worker, each with its share of the reserved
 * concurrency. Broadcast and its workers deliver every message. Presence has one batch for each stream shard at a time.
 */
const RESERVED_SHARES = { Broadcast: 0.4, ShardWorker: 0.4, CatchUp: 0.15, Presence: 0.05 } as const;

/** The construct id of a Lambda that posts to connections. */
export type PosterId = keyof typeof RESERVED_SHARES;

const isPoster = (id: FunctionId): id is PosterId => id in RESERVED_SHARES;

/** The construct ids of the Lambdas that post to connections. */
export const POSTER_IDS: readonly PosterId[] = FUNCTION_IDS.filter(isPoster);

/** The construct ids of the routes' Lambdas. */
export const ROUTE_IDS: readonly FunctionId[] = FUNCTION_IDS.filter((id) => !isPoster(id));

/** The construct ids of the Lambdas of the beginning and the end of a connection. */
export const CONNECT_IDS: readonly FunctionId[] = ['Connect', 'Disconnect'];

/** The construct ids of the Lambdas that take frames. */
export const FRAME_IDS: readonly FunctionId[] = ROUTE_IDS.filter((id) => !CONNECT_IDS.includes(id));

/** The construct ids of the routes that publish or count. */
const PUBLISHING_IDS = ['Publish', 'Plus', 'Minus', 'OnMessage', 'Default'] as const satisfies readonly FunctionId[];

/** The construct ids of the Lambdas that know the settings of topics: who creates, what is kept, and what is read. */
const GOVERNED_IDS = [...PUBLISHING_IDS, 'Broadcast', 'CatchUp', 'Presence'] as const satisfies readonly FunctionId[];

/** The properties of the functions. */
export interface FunctionsProps
  extends Pick<
    Settings,
    | 'stackName'
    | 'messageRetentionHours'
    | 'streamConcurrency'
    | 'poster'
    | 'auth'
    | 'allowedOrigins'
    | 'rateLimits'
    | 'topics'
    | 'schemas'
  > {
  readonly tables: Tables;
  readonly bundles: HandlerBundles;
}

/**
 * The size of a route. A route only waits for DynamoDB: one atomic write for a publish or an increment, up to four
 * small ones for a subscribe. Little memory is enough, and the timeout is well within API Gateway's 29 seconds.
 */
const ROUTE = { memoryMb: 512, timeout: Duration.seconds(10) } as const;

/** The size of a stream Lambda. Posting is bound by CPU, and 1,769 MB is one whole vCPU. */
const FANOUT = { memoryMb: 1_769, timeout: Duration.seconds(60) } as const;

/** The size of a shard worker. The broadcast waits for it, so its timeout is well below the broadcast's. */
const WORKER = { ...FANOUT, timeout: Duration.seconds(30) } as const;

const SIZES: Readonly<Partial<Record<FunctionId, typeof ROUTE | typeof FANOUT | typeof WORKER>>> = {
  Broadcast: FANOUT,
  CatchUp: FANOUT,
  ShardWorker: WORKER,
  Presence: FANOUT,
};

/** The Lambdas, each granted only the actions on the tables that its task needs. */
export class Functions extends Construct {
  /** The authorizer of `$connect`. Absent without authentication. */
  readonly authorize: HandlerFunction | undefined;
  readonly #props: FunctionsProps;
  readonly #functions: ReadonlyMap<FunctionId, HandlerFunction>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.#functions = new Map(FUNCTION_IDS.map((id) => [id, this.#create(id)] as const));
    this.#grantRoutes();
    this.#grantFanout(props);
    this.#limitRates(props);
    this.#governTopics(props);
    this.authorize = props.auth === undefined ? undefined : this.#createAuthorize(props.auth);
  }

  /** Returns a function. Throws for an unknown id. */
  get(id: FunctionId): HandlerFunction {
    const found = this.#functions.get(id);
    if (found !== undefined) return found;
    throw new Error(`There is no function ${id}.`);
  }

  #create(id: FunctionId): HandlerFunction {
    const handler = HANDLERS[id];
    const { stackName, streamConcurrency } = this.#props;
    const reserved = isPoster(id) ? Math.floor(streamConcurrency * RESERVED_SHARES[id]) : 0;
    return new HandlerFunction(this, id, {
      handler,
      bundles: this.#bundlesOf(id),
      stackName,
      description: `Distributary: ${handler}`,
      ...(SIZES[id] ?? ROUTE),
      ...(reserved === 0 ? {} : { reservedConcurrency: reserved }),
    });
  }

  #bundlesOf(id: FunctionId): HandlerBundles {
    const { bundles, schemas } = this.#props;
    const isPublishing = PUBLISHING_IDS.some((each) => each === id);
    return schemas !== undefined && isPublishing ? withSchemas(bundles, schemas) : bundles;
  }

  /** Creates the authorizer, and has every route check the principal that it writes into the connection's context. */
  #createAuthorize(auth: AuthSettings): HandlerFunction {
    const { bundles, stackName, allowedOrigins } = this.#props;
    const own = { handler: AUTHORIZE_HANDLER, description: `Distributary: ${AUTHORIZE_HANDLER}` };
    const authorize = new HandlerFunction(this, 'Authorize', { ...own, bundles, stackName, ...ROUTE });
    authorizeBy(authorize, { auth, allowedOrigins, tables: this.#props.tables });
    for (const id of ROUTE_IDS) this.get(id).function.addEnvironment(ENVIRONMENT.auth, 'on');
    return authorize;
  }

  #grantRoutes(): void {
    // A route gets a page of the shard directory as the result of an update, since it has no grant to read.
    this.#subscriptions('Connect', ['dynamodb:BatchWriteItem', 'dynamodb:UpdateItem']);
    this.#subscriptions('Disconnect', ['dynamodb:Query', 'dynamodb:BatchWriteItem']);
    this.#subscriptions('Subscribe', ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']);
    this.#subscriptions('Unsubscribe', ['dynamodb:DeleteItem', 'dynamodb:UpdateItem']);
    this.#subscriptions('Ping', ['dynamodb:PutItem']);
    this.#subscriptions('SetPresence', ['dynamodb:UpdateItem']);
    this.#subscriptions('Default', ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']);
    for (const id of PUBLISHING_IDS) this.#publishing(id);
  }

  #grantFanout({ tables, messageRetentionHours, poster }: FunctionsProps): void {
    for (const id of POSTER_IDS) {
      this.get(id).allow(['dynamodb:Query'], [`${tables.subscriptions.tableArn}/index/${BY_TOPIC.name}`]);
      this.get(id).function.addEnvironment(ENVIRONMENT.poster, poster);
    }
    // By updates of a subscription's record, catch-ups are recorded that a connection is owed.
    const removing = ['dynamodb:Query', 'dynamodb:BatchWriteItem', 'dynamodb:UpdateItem'] as const;
    // By the updates a topic grows: in its head, and in the shard directory for the routes.
    // By a put it is recorded that a connection is to end, since its token has ended.
    // By a read it learns which wildcards may have subscribers.
    this.#subscriptions('Broadcast', [...removing, 'dynamodb:PutItem', 'dynamodb:GetItem']);
    this.#table('Broadcast', 'topics', ['dynamodb:UpdateItem']);
    this.#table('Broadcast', 'messages', ['dynamodb:BatchWriteItem']);
    this.get('Broadcast').function.addEnvironment(ENVIRONMENT.messageRetentionHours, String(messageRetentionHours));
    this.#subscriptions('CatchUp', ['dynamodb:GetItem', ...removing]);
    this.#table('CatchUp', 'topics', ['dynamodb:BatchGetItem']);
    this.#table('CatchUp', 'messages', ['dynamodb:Query']);
    this.#subscriptions('ShardWorker', [...removing, 'dynamodb:PutItem']);
    // Debts and members that are away are records of Subscriptions, which presence alone settles.
    this.#subscriptions('Presence', [
      ...removing,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:DeleteItem',
    ]);
    this.#table('Presence', 'topics', ['dynamodb:GetItem']);
    this.#table('Presence', 'messages', ['dynamodb:Query']);
    const { functionName, functionArn } = this.get('ShardWorker').function;
    this.get('Broadcast').bind(ENVIRONMENT.shardWorkerFunction, functionName, {
      actions: ['lambda:InvokeFunction'],
      resources: [functionArn],
    });
  }

  /**
   * Sets the rate limits of the routes, and grants them to count in the table Keys, and to end connections that flood.
   * The handshakes of subjects are counted only where there are subjects.
   */
  #limitRates({ rateLimits, auth }: FunctionsProps): void {
    if (rateLimits === undefined) return;
    for (const id of ROUTE_IDS) {
      if (id === 'Disconnect' || (id === 'Connect' && auth === undefined)) continue;
      this.#table(id, 'keys', ['dynamodb:UpdateItem']);
      this.get(id).function.addEnvironment(ENVIRONMENT.rateLimits, JSON.stringify(rateLimits));
      if (id !== 'Connect') this.#subscriptions(id, ['dynamodb:PutItem']);
    }
  }

  /** Hands the settings of topics to the Lambdas that keep them, and has the routes that publish load the schemas. */
  #governTopics({ topics, schemas }: FunctionsProps): void {
    const settings = Object.keys(topics).length === 0 ? undefined : JSON.stringify(topics);
    for (const id of GOVERNED_IDS) {
      if (settings !== undefined) this.get(id).function.addEnvironment(ENVIRONMENT.topicSettings, settings);
    }
    if (schemas === undefined) return;
    for (const id of PUBLISHING_IDS) this.get(id).function.addEnvironment(ENVIRONMENT.topicSchemas, 'on');
  }

  /** Grants what publishes and increments need. A transaction needs the actions of its parts, and no separate one. */
  #publishing(id: FunctionId): void {
    this.#table(id, 'topics', ['dynamodb:UpdateItem']);
    this.#table(id, 'keys', ['dynamodb:PutItem']);
  }

  #subscriptions(id: FunctionId, actions: readonly string[]): void {
    this.#table(id, 'subscriptions', actions);
  }

  #table(id: FunctionId, table: 'topics' | 'messages' | 'keys' | 'subscriptions', actions: readonly string[]): void {
    const { tableName, tableArn } = this.#props.tables[table];
    this.get(id).bind(ENVIRONMENT[`${table}Table`], tableName, { actions, resources: [tableArn] });
  }
}
