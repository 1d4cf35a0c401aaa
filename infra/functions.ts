import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ENVIRONMENT, type Poster } from '../shared/config.ts';
import { BY_TOPIC } from '../shared/store/schema.ts';
import type { Bundles } from './bundle-handlers.ts';
import { HandlerFunction } from './handler-function.ts';
import type { Tables } from './tables.ts';

/** Every Lambda's handler, by the construct's id. A test holds this to the files of handlers/. */
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
  Default: 'default',
  Broadcast: 'broadcast',
  CatchUp: 'catch-up',
  ShardWorker: 'shard-worker',
  Presence: 'presence',
} as const;

export type FunctionId = keyof typeof HANDLERS;

export const FUNCTION_IDS = Object.keys(HANDLERS).filter((id): id is FunctionId => id in HANDLERS);

export interface FunctionsProps {
  readonly tables: Tables;
  readonly bundles: Bundles;
  readonly messageRetentionHours: number;
  readonly poster: Poster;
}

/** A route does one write: little memory, and an answer well within API Gateway's 29 seconds. */
const ROUTE = { memoryMb: 512, timeout: Duration.seconds(10) } as const;

/** Fan-out is bound by CPU: 1,769 MB is one whole vCPU. */
const FANOUT = { memoryMb: 1_769, timeout: Duration.seconds(60) } as const;

/** The broadcast waits for its workers: they are given up well before it is. */
const WORKER = { ...FANOUT, timeout: Duration.seconds(30) } as const;

const SIZES: Readonly<Partial<Record<FunctionId, typeof ROUTE | typeof FANOUT | typeof WORKER>>> = {
  Broadcast: FANOUT,
  CatchUp: FANOUT,
  ShardWorker: WORKER,
  Presence: FANOUT,
};

/** The fourteen Lambdas, each with the exact actions on the exact tables that its one task needs. */
export class Functions extends Construct {
  readonly #props: FunctionsProps;
  readonly #functions: ReadonlyMap<FunctionId, HandlerFunction>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.#functions = new Map(FUNCTION_IDS.map((id) => [id, this.#create(id)] as const));
    this.#grantRoutes();
    this.#grantFanout(props);
  }

  /** The function `id`. */
  get(id: FunctionId): HandlerFunction {
    const found = this.#functions.get(id);
    if (found === undefined) throw new Error(`There is no function ${id}.`);
    return found;
  }

  #create(id: FunctionId): HandlerFunction {
    const handler = HANDLERS[id];
    return new HandlerFunction(this, id, {
      handler,
      bundles: this.#props.bundles,
      description: `Distributary: ${handler}`,
      ...(SIZES[id] ?? ROUTE),
    });
  }

  #grantRoutes(): void {
    // An update is how a route gets a page of the shard directory.
    this.#subscriptions('Connect', ['dynamodb:BatchWriteItem', 'dynamodb:UpdateItem']);
    this.#subscriptions('Disconnect', ['dynamodb:Query', 'dynamodb:BatchWriteItem']);
    this.#subscriptions('Subscribe', ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']);
    this.#subscriptions('Unsubscribe', ['dynamodb:DeleteItem', 'dynamodb:UpdateItem']);
    this.#subscriptions('Ping', ['dynamodb:PutItem']);
    this.#subscriptions('Default', ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']);
    for (const id of ['Publish', 'Plus', 'Minus', 'OnMessage', 'Default'] as const) this.#publishing(id);
  }

  #grantFanout({ tables, messageRetentionHours, poster }: FunctionsProps): void {
    for (const id of ['Broadcast', 'CatchUp', 'ShardWorker', 'Presence'] as const) {
      this.get(id).allow(['dynamodb:Query'], [`${tables.subscriptions.tableArn}/index/${BY_TOPIC.name}`]);
      this.get(id).function.addEnvironment(ENVIRONMENT.poster, poster);
    }
    // The updates make a topic grow, and tell the routes.
    this.#subscriptions('Broadcast', ['dynamodb:Query', 'dynamodb:BatchWriteItem', 'dynamodb:UpdateItem']);
    this.#table('Broadcast', 'topics', ['dynamodb:UpdateItem']);
    this.#table('Broadcast', 'messages', ['dynamodb:BatchWriteItem']);
    this.get('Broadcast').function.addEnvironment(ENVIRONMENT.messageRetentionHours, String(messageRetentionHours));
    this.#subscriptions('CatchUp', ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchWriteItem']);
    this.#table('CatchUp', 'topics', ['dynamodb:GetItem']);
    this.#table('CatchUp', 'messages', ['dynamodb:Query']);
    this.#subscriptions('ShardWorker', ['dynamodb:Query', 'dynamodb:BatchWriteItem']);
    this.#subscriptions('Presence', ['dynamodb:Query', 'dynamodb:BatchWriteItem']);
    this.#table('Presence', 'topics', ['dynamodb:GetItem']);
    const { functionName, functionArn } = this.get('ShardWorker').function;
    this.get('Broadcast').bind(ENVIRONMENT.shardWorkerFunction, functionName, {
      actions: ['lambda:InvokeFunction'],
      resources: [functionArn],
    });
  }

  /** A transaction needs the actions of its parts, no action of its own. */
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
