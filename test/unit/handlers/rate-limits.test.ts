import { toContext } from '../../../shared/auth/authorizer-context.ts';
import { ENVIRONMENT } from '../../../shared/config.ts';
import { findHead } from '../../../shared/store/topics.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { authorized, connectEvent, lambdaContext, messageEvent } from '../../helpers/lambda-events.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

interface Result {
  readonly statusCode: number;
  readonly body?: string;
}

type Answer = Readonly<Record<string, unknown>> | undefined;

/** One unit a second of each, and ten at a stretch: a frame after a burst waits for about a second. */
const LIMITS = {
  connectionFrames: 2,
  connectionPublishes: 1,
  subjectFrames: 4,
  subjectPublishes: 2,
  subjectHandshakes: 5,
};

const ALL = { subscribe: ['*'], publish: ['*'], count: ['*'], presence: ['*'] };

describe('a stack with rate limits', () => {
  let engine: StoreEngine;
  let restore: () => void;
  let connections = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
    restore = setLambdaEnvironment({ dynamodb: engine.endpoint });
    process.env[ENVIRONMENT.auth] = 'on';
    process.env[ENVIRONMENT.rateLimits] = JSON.stringify(LIMITS);
  });

  afterAll(async () => {
    restore();
    await engine.stop();
  });

  const newConnection = (): string => `L${(connections += 1)}=`;

  const contextOf = (subject: string) => {
    const times = { tokenEnd: Date.now() + 60_000, checkedAt: Date.now() };
    return toContext({ subject, permissions: ALL, revoked: [], seen: 0, ...times });
  };

  async function invoke(file: string, event: object): Promise<Result> {
    const { handler }: { handler: (event: object, context: object) => Promise<Result> } = await import(
      `../../../handlers/${file}.ts`
    );
    return handler(event, lambdaContext);
  }

  async function send(file: string, frame: unknown, [connection, subject]: readonly [string, string]): Promise<Answer> {
    const { body } = await invoke(file, authorized(messageEvent(connection, frame), contextOf(subject)));
    return body === undefined ? undefined : JSON.parse(body);
  }

  /** Sends the same frame many times, one after the other. */
  async function flood(file: string, [frame, times]: readonly [unknown, number], sender: readonly [string, string]) {
    const answers: Answer[] = [];
    for (let index = 0; index < times; index++) answers.push(await send(file, frame, sender));
    return answers;
  }

  const codesOf = (answers: readonly Answer[]) => [...new Set(answers.map((answer) => answer?.['code']))];

  const bucketsOf = (holder: string) =>
    scan(engine, TABLE_NAMES.keys, ({ id }) => id?.S?.startsWith(`@rate#${holder}`) === true);

  it('refuses a connection that publishes too much, with the pause, and writes nothing more', async () => {
    const [topic, connection] = ['flooded', newConnection()];

    const answers = await flood(
      'publish',
      [{ action: 'publish', topic, data: 1, id: 'r' }, 15],
      [connection, connection],
    );

    const refused = answers.filter((answer) => answer?.['type'] === 'error');
    expect(codesOf(refused)).toEqual(['rate-limited']);
    expect(refused[0]).toEqual({
      type: 'error',
      code: 'rate-limited',
      id: 'r',
      action: 'publish',
      message: expect.stringMatching(/^This connection has reached its limit of publishes\. Try again in \d+ ms\.$/),
      retryAfterMs: expect.any(Number),
    });
    expect(refused[0]?.['retryAfterMs']).toBeGreaterThan(0);
    expect((await findHead(engine.client, TABLE_NAMES.topics, topic))?.seq).toBe(15 - refused.length);
  });

  it('counts nothing in DynamoDB for a client within a quarter of its limits', async () => {
    const connection = newConnection();

    const answers = await flood(
      'publish',
      [{ action: 'publish', topic: 'calm', data: 1, id: 'r' }, 2],
      [connection, connection],
    );

    expect(answers.map((answer) => answer?.['type'])).toEqual(['ack', 'ack']);
    expect(await bucketsOf(`connection#${connection}`)).toEqual([]);
  });

  it('counts each message of a publish', async () => {
    const connection = newConnection();
    const frame = { action: 'publish', topic: 'many', messages: [1, 2, 3, 4, 5, 6, 7, 8], id: 'r' };

    const answers = await flood('publish', [frame, 2], [connection, connection]);

    expect(answers.map((answer) => answer?.['type'])).toEqual(['ack', 'error']);
  });

  it.each([
    ['no JSON', 'publish', '{'],
    ['no frame', 'publish', { action: 'publish' }],
    ['no action', 'default', { action: 'none' }],
    ['a plain text', 'default', 'hello'],
    ['a ping', 'ping', { action: 'ping' }],
  ])('counts a frame that is %s', async (_, file, frame) => {
    const connection = newConnection();

    const answers = await flood(file, [frame, 30], [connection, connection]);

    expect(codesOf(answers)).toContain('rate-limited');
  });

  it('counts a ping by its positions', async () => {
    const topics = Array.from({ length: 100 }, (__, index) => [`t${index}`, { epoch: null, seq: 0 }] as const);
    const ping = { action: 'ping', positions: Object.fromEntries(topics) };
    const connection = newConnection();

    const answers = await flood('ping', [ping, 3], [connection, connection]);

    expect(answers.map((answer) => answer?.['type'])).toEqual(['pong', 'error', 'error']);
  });

  it('holds all connections of a subject to its limits, and leaves other subjects alone', async () => {
    const subject = 'many-tabs';
    const frame = { action: 'publish', topic: 'tabs', data: 1 };
    const answers: Answer[] = [];
    for (let tab = 0; tab < 4; tab++) answers.push(...(await flood('publish', [frame, 8], [newConnection(), subject])));

    expect(codesOf(answers)).toContain('rate-limited');
    expect(answers.find((answer) => answer?.['code'] === 'rate-limited')?.['message']).toContain('subject');
    expect(await send('publish', { ...frame, id: 'r' }, [newConnection(), 'other'])).toMatchObject({ type: 'ack' });
  });

  it('refuses a subject’s handshakes past its limit with 429, and writes nothing', async () => {
    const ids = Array.from({ length: 7 }, newConnection);
    const statuses: number[] = [];
    for (const id of ids)
      statuses.push((await invoke('connect', authorized(connectEvent(id), contextOf('hasty')))).statusCode);

    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const opened = await scan(engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === ids[6]);
    expect(opened).toEqual([]);
    expect((await invoke('connect', authorized(connectEvent(newConnection()), contextOf('calm')))).statusCode).toBe(
      200,
    );
  });

  it('counts the positions of a URL as those of a frame', async () => {
    const topics = [Array.from({ length: 100 }, (_, index) => `t${index}@e1:${index}`).join()];
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      const event = connectEvent(newConnection(), { query: { topics } });
      statuses.push((await invoke('connect', authorized(event, contextOf('greedy')))).statusCode);
    }

    // Ten frames each, of forty at a stretch.
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
  });
});
