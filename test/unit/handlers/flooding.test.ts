import { randomUUID } from 'node:crypto';
import { ENVIRONMENT } from '../../../shared/config.ts';
import { noteEnd, noteFlood } from '../../../shared/store/connection-end.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../../helpers/fanout-stage.ts';
import { CONNECTED_AT, lambdaContext, messageEvent } from '../../helpers/lambda-events.ts';
import { scan } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;

/** One frame a second and ten at a stretch, and an end after five refused ones. */
const LIMITS = { connectionFrames: 1, connectionPublishes: 1, connectionRefusals: 5 };
const FLOOD_MS = 10_000;

const positions = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`t${index}`, { epoch: null, seq: 0 }]));

/** The kinds of frames that a connection may flood with, each with its route. */
const KINDS = [
  ['publish', { action: 'publish', topic: 'flooded', data: 1 }],
  ['subscribe', { action: 'subscribe', topic: 'flooded', history: 100 }],
  ['unsubscribe', { action: 'unsubscribe', topic: 'flooded' }],
  ['plus', { action: 'plus', counter: 'flooded' }],
  ['minus', { action: 'minus', counter: 'flooded' }],
  ['on-message', { action: 'onMessage', message: 1 }],
  ['ping', { action: 'ping', positions }],
  ['set-presence', { action: 'setPresence', topic: 'flooded', state: 1 }],
  ['default', { type: 'message', topic: 'flooded', data: 1 }],
  ['default', 'no frame'],
] as const;

describe('a connection that goes on sending although it is refused', () => {
  let stage: FanoutStage;
  const realNow = Date.now;
  let nowMs = realNow();

  beforeAll(async () => {
    stage = await startFanoutStage();
    process.env[ENVIRONMENT.rateLimits] = JSON.stringify(LIMITS);
    Date.now = () => nowMs;
  });

  afterAll(async () => {
    Date.now = realNow;
    await stage.close();
  });

  /** Sends a frame again and again, for longer than a flood may last. */
  async function flood(connectionId: string, file: string, frame: unknown): Promise<void> {
    const { handler }: { handler: (event: object, context: object) => Promise<unknown> } = await import(
      `../../../handlers/${file}.ts`
    );
    for (let sent = 0; sent < 180; sent += 1) {
      await handler(messageEvent(connectionId, frame), lambdaContext);
      nowMs += 100;
    }
  }

  const endsOf = (id: string) =>
    scan(stage.engine, table, (row) => row['connectionId']?.S === id && row['topic']?.S === '@end');

  const newEnds = async (id: string) =>
    (await stage.newRecords(table)).filter(
      ({ dynamodb: { Keys } }) => JSON.stringify(Keys).includes(`"${id}"`) && JSON.stringify(Keys).includes('@end'),
    );

  it.each(KINDS)('has its end recorded by %s', async (file, frame) => {
    const connectionId = `${randomUUID().slice(0, 8)}=`;

    await flood(connectionId, file, frame);

    expect(await endsOf(connectionId)).toMatchObject([{ code: { S: 'rate-limited' }, request: expect.anything() }]);
  });

  it('is told so, closed and forgotten', async () => {
    await stage.subscribe('F1=', 'news');
    await flood('F1=', 'publish', { action: 'publish', topic: 'flooded', data: 1 });
    const records = await newEnds('F1=');
    stage.received.clear();
    const { handler } = await import('../../../handlers/catch-up.ts');

    expect(await invokeStream(handler, records.slice(0, 1))).toEqual([]);

    const message = expect.stringContaining('It is closed.');
    expect(stage.received.get('F1=')).toEqual([
      { type: 'error', code: 'rate-limited', message, closing: true, retryAfterMs: FLOOD_MS },
    ]);
    expect(stage.closed).toContain('F1=');
    expect(await scan(stage.engine, table, (row) => row['connectionId']?.S === 'F1=')).toEqual([]);
  });

  it('stays open if every other frame is within its rate, also where that fails for another reason', async () => {
    const { handler } = await import('../../../handlers/publish.ts');
    const codes: unknown[] = [];

    for (let sent = 0; sent < 100; sent += 1) {
      const { body = '{}' } = await handler(messageEvent('F3=', { action: 'publish', topic: '' }), lambdaContext);
      codes.push(JSON.parse(body).code);
      nowMs += 500;
    }

    expect(codes.filter((code) => code === 'rate-limited').length).toBeGreaterThan(20);
    expect(codes.filter((code) => code !== 'rate-limited').length).toBeGreaterThan(50);
    expect(await endsOf('F3=')).toEqual([]);
  });

  it('stays open if it waits as it is told', async () => {
    const { handler } = await import('../../../handlers/publish.ts');
    const frame = messageEvent('F2=', { action: 'publish', topic: 'patient', data: 1 });

    for (let sent = 0; sent < 200; sent += 1) {
      const { body = '{}' } = await handler(frame, lambdaContext);
      const { retryAfterMs = 0 }: { retryAfterMs?: number } = JSON.parse(body);
      nowMs += retryAfterMs;
    }

    expect(await endsOf('F2=')).toEqual([]);
  });
});

describe('the record of a connection that floods', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  const deps = () => ({ client: stage.engine.client, table, newStamp: () => randomUUID() });
  const connection = (connectionId: string) => ({ connectionId, connectedAt: CONNECTED_AT });
  const note = (id: string, nowMs: number) => noteFlood(deps(), connection(id), CONNECTED_AT + nowMs);

  it('is made once by all Lambdas, and again if the connection floods long after it', async () => {
    expect(await Promise.all([note('A1=', 0), note('A1=', 5), note('A1=', 9)])).toContain(true);
    expect(await note('A1=', 9_000)).toBe(false);

    expect(await note('A1=', 20_000)).toBe(true);
  });

  it('does not replace that of a token that has ended', async () => {
    await noteEnd(deps(), connection('A2='));

    expect(await note('A2=', 60_000)).toBe(false);
  });

  it('is not made when the table cannot be written', async () => {
    await expect(noteFlood({ ...deps(), table: 'None' }, connection('A3='), 0)).rejects.toThrow();
  });
});
