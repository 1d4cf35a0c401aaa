import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AUTHORIZE_HANDLER, HANDLERS } from '../../infra/functions.ts';
import { FROM_TABLE_HANDLER } from '../../infra/topics-from.ts';
import { ENVIRONMENT } from '../../shared/config.ts';
import { STREAM_HANDLER } from '../../infra/http-door.ts';
import { readRateLimits } from '../../shared/rates/rate-limits.ts';
import { ROOT, synthesizeStack } from './synthesized-stack.ts';
import { WORKERS_MS } from '../../shared/fanout/shards/deliver-by-workers.ts';
import { WORKER_DELIVERY_MS } from '../../shared/fanout/shards/deliver-shard.ts';
import { WORKER_TIMEOUT_MS } from '../../shared/fanout/shards/lambda-shard-worker.ts';

const stack = synthesizeStack();
const FUNCTION = 'AWS::Lambda::Function';
const IDS = Object.keys(HANDLERS);
const FANOUT = new Set(['Broadcast', 'CatchUp', 'ShardWorker', 'Presence']);
const TIMEOUTS: Readonly<Record<string, number>> = { Broadcast: 60, CatchUp: 60, ShardWorker: 30, Presence: 60 };

/** The value of each variable that a function may have. bundles.test.ts checks which function reads which. */
const VALUES: Readonly<Record<string, string>> = {
  [ENVIRONMENT.topicsTable]: '<Tables/Topics>',
  [ENVIRONMENT.messagesTable]: '<Tables/Messages>',
  [ENVIRONMENT.keysTable]: '<Tables/Keys>',
  [ENVIRONMENT.subscriptionsTable]: '<Tables/Subscriptions>',
  [ENVIRONMENT.callbackUrl]: 'https://<WebSocket/Api>.execute-api.<AWS::Region>.<AWS::URLSuffix>/live',
  [ENVIRONMENT.messageRetentionHours]: '24',
  [ENVIRONMENT.shardWorkerFunction]: '<Functions/ShardWorker/Function>',
  [ENVIRONMENT.poster]: 'fast',
  [ENVIRONMENT.stackName]: 'Distributary',
  [ENVIRONMENT.rateLimits]: JSON.stringify(readRateLimits({})),
};

function environmentOf(id: string, from = stack): Readonly<Record<string, string>> {
  const environment: { Variables: Readonly<Record<string, unknown>> } = JSON.parse(
    JSON.stringify(from.get(FUNCTION, `Functions/${id}/Function`).Properties['Environment']),
  );
  return Object.fromEntries(Object.entries(environment.Variables).map(([name, value]) => [name, from.read(value)]));
}

describe('the functions', () => {
  it('are the files of handlers/ that export a handler', () => {
    const files = readdirSync(join(ROOT, 'handlers')).filter((file) =>
      /^export (const|async function|function) handler\b/m.test(readFileSync(join(ROOT, 'handlers', file), 'utf8')),
    );

    const handlers = [...Object.values(HANDLERS), AUTHORIZE_HANDLER, FROM_TABLE_HANDLER, STREAM_HANDLER];

    expect(handlers.map((handler) => `${handler}.ts`).toSorted()).toEqual(files.toSorted());
  });

  it('are the only Lambdas of the stack', () => {
    const names = IDS.map((id) => `Functions/${id}/Function`);

    expect([...stack.ofType(FUNCTION).keys()].toSorted()).toEqual(names.toSorted());
  });

  it.each(IDS)('%s runs on arm64 and Node 24 with the memory and the time of its kind', (id) => {
    expect(stack.get(FUNCTION, `Functions/${id}/Function`).Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: FANOUT.has(id) ? 1_769 : 512,
      Timeout: TIMEOUTS[id] ?? 10,
    });
  });

  it('have timeouts that end a worker before its call, and the last call before the broadcast', () => {
    const [worker, broadcast] = ['ShardWorker', 'Broadcast'].map((id) => (TIMEOUTS[id] ?? 0) * 1_000);

    const ends = [WORKER_DELIVERY_MS, worker, WORKER_TIMEOUT_MS, WORKERS_MS + WORKER_TIMEOUT_MS, broadcast];
    expect(ends).toEqual(ends.toSorted((a, b) => Number(a) - Number(b)));
    expect(new Set(ends).size).toBe(ends.length);
  });

  it.each(IDS)('%s is traced', (id) => {
    expect(stack.get(FUNCTION, `Functions/${id}/Function`).Properties['TracingConfig']).toEqual({ Mode: 'Active' });
  });

  it.each(IDS)('%s logs to a separate group that is kept for a month and deleted with the stack', (id) => {
    const { Properties } = stack.get(FUNCTION, `Functions/${id}/Function`);
    const group = stack.get('AWS::Logs::LogGroup', `Functions/${id}/Logs`);

    expect(Properties['LoggingConfig']).toEqual({ LogGroup: { Ref: group.logicalId } });
    expect(group.Properties['RetentionInDays']).toBe(30);
    expect(group.DeletionPolicy).toBe('Delete');
  });

  it.each(IDS)('%s gets each variable of its environment from the resource of that name', (id) => {
    const environment = environmentOf(id);

    expect(environment).toEqual(
      Object.fromEntries(Object.keys(environment).map((name) => [name, VALUES[name] ?? 'a variable of no known name'])),
    );
    expect(environment).toHaveProperty(ENVIRONMENT.stackName);
  });

  it('together have every variable that the code reads', () => {
    const set = new Set(IDS.flatMap((id) => Object.keys(environmentOf(id))));

    expect([...set].toSorted()).toEqual(Object.keys(VALUES).toSorted());
  });

  it('keep messages for as long as the settings say', () => {
    const other = synthesizeStack({ messageRetentionHours: '72' });

    expect(environmentOf('Broadcast', other)).toHaveProperty([ENVIRONMENT.messageRetentionHours], '72');
  });
});

describe('the poster', () => {
  it.each(['fast', 'sdk'])('that the settings name, %s, is the one of every function that posts', (poster) => {
    const other = synthesizeStack({ poster });

    for (const id of IDS)
      expect(environmentOf(id, other)[ENVIRONMENT.poster]).toBe(FANOUT.has(id) ? poster : undefined);
  });
});

describe('the concurrency of the functions', () => {
  const reservedOf = (from: typeof stack) =>
    Object.fromEntries(
      IDS.flatMap((id) => {
        const reserved = from.get(FUNCTION, `Functions/${id}/Function`).Properties['ReservedConcurrentExecutions'];
        return reserved === undefined ? [] : [[id, reserved]];
      }),
    );

  it('is not reserved by default: a fresh account may have no more than 10 in all, and 100 must stay unreserved', () => {
    expect(reservedOf(stack)).toEqual({});
  });

  it('is reserved for the functions that deliver, and for no route, if the settings say so', () => {
    expect(reservedOf(synthesizeStack({ streamConcurrency: '500' }))).toEqual({
      Broadcast: 200,
      ShardWorker: 200,
      CatchUp: 75,
      Presence: 25,
    });
  });

  it('is at least one execution for each of them at the lowest setting', () => {
    expect(Object.values(reservedOf(synthesizeStack({ streamConcurrency: 20 })))).toEqual([8, 3, 8, 1]);
  });
});

describe('the outputs', () => {
  const outputsOf = (from: typeof stack) =>
    Object.fromEntries(Object.entries(from.outputs).map(([name, { Value }]) => [name, from.read(Value)]));

  it('are the URLs, the names of tables, bucket and dashboard, and the retention', () => {
    expect(outputsOf(stack)).toEqual({
      WebSocketUrl: 'wss://<WebSocket/Api>.execute-api.<AWS::Region>.<AWS::URLSuffix>/live',
      CallbackUrl: 'https://<WebSocket/Api>.execute-api.<AWS::Region>.<AWS::URLSuffix>/live',
      TopicsTable: '<Tables/Topics>',
      MessagesTable: '<Tables/Messages>',
      KeysTable: '<Tables/Keys>',
      SubscriptionsTable: '<Tables/Subscriptions>',
      FailuresBucket: '<Pipeline/Failures>',
      MessageRetentionHours: '24',
      DashboardName: '<Monitoring/Dashboard/Dashboard>',
    });
  });

  it('name the topic of the alarms, if there is an address', () => {
    expect(outputsOf(synthesizeStack({ alarmEmail: 'ops@example.com' }))).toMatchObject({
      AlarmTopicArn: '<Monitoring/Alarms/Topic>',
    });
  });
});
