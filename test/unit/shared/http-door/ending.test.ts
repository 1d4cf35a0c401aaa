import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { GROWN_AT } from '../../../../shared/store/schema.ts';
import { type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { openTopics, scan } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;
const TTL_SECONDS = 100;
const STEP_MS = TTL_SECONDS * 1_000 * STORE_BOUNDS.TTL_STEP;

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

async function created(headers: Readonly<Record<string, string>>, body = '1'): Promise<string> {
  const topic = newTopic();
  await door.ask('PUT', topic, { headers: { ...JSON_TYPE, ...headers }, body });
  return topic;
}

const lasting = () => created({ 'Stream-TTL': String(TTL_SECONDS) });

/** Returns the time in ms until an end, on the clock of the door. */
const until = (ms: number): string => new Date(door.deps.now() + ms).toISOString();

const publish = (topic: string, key?: string) =>
  openTopics(door.engine, { now: door.deps.now }).publish({ topic, messages: ['"published"'] }, key);

describe('a stream with a TTL', () => {
  it('ends when nobody uses it for as long', async () => {
    const topic = await lasting();
    door.skip(TTL_SECONDS * 1_000 + 1);

    const statuses = [];
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      statuses.push((await door.ask(method, topic, { headers: JSON_TYPE, body: '2' })).status);
    }

    expect(statuses).toEqual([404, 404, 404, 404]);
  });

  it.each([
    ['a read', (topic: string) => door.ask('GET', topic)],
    ['an append', (topic: string) => door.ask('POST', topic, { headers: JSON_TYPE, body: '2' })],
    ['a publish by the socket', (topic: string) => publish(topic)],
  ])('is put off by %s', async (_, use) => {
    const topic = await lasting();
    door.skip(TTL_SECONDS * 1_000 - 1_000);
    await use(topic);
    door.skip(TTL_SECONDS * 1_000 - 1_000);

    expect((await door.ask('HEAD', topic)).status).toBe(200);
  });

  it('is not put off by a HEAD', async () => {
    const topic = await lasting();
    door.skip(TTL_SECONDS * 1_000 - 1_000);
    await door.ask('HEAD', topic);
    door.skip(2_000);

    expect((await door.ask('HEAD', topic)).status).toBe(404);
  });

  it('costs its readers a write in a tenth of the TTL, and no more', async () => {
    const topic = await lasting();
    const client = door.engine.newClient();
    let writes = 0;
    intercept(client, ({ command, proceed }) => {
      if (command === 'UpdateItemCommand') writes += 1;
      return proceed();
    });
    const ask = door.with({ streams: door.newStore({ client, unretriedClient: client }) });

    for (let i = 0; i < 5; i += 1) await ask('GET', topic);
    const before = writes;
    door.skip(STEP_MS);
    for (let i = 0; i < 5; i += 1) await ask('GET', topic);

    expect([before, writes]).toEqual([0, 1]);
  });

  it('makes no news for subscribers when its end is put off', async () => {
    const topic = await lasting();
    door.skip(STEP_MS);
    await door.ask('GET', topic);

    const [item] = await scan(door.engine, TABLE_NAMES.topics, (each) => each['topic']?.S === topic);

    // A record whose `grownAt` is its seq brings nothing new.
    expect(item).toMatchObject({ seq: { N: '1' }, [GROWN_AT]: { N: '1' } });
  });
});

describe('a stream that ends at a time', () => {
  it('ends then, however much it is used', async () => {
    const topic = await created({ 'Stream-Expires-At': until(60_000) });
    await door.ask('GET', topic);
    door.skip(60_001);

    expect((await door.ask('GET', topic)).status).toBe(404);
  });

  it.each([
    ['by HTTP', (topic: string) => door.ask('PUT', topic, { headers: JSON_TYPE, body: '"published"' })],
    ['by the socket', (topic: string) => publish(topic)],
    ['by the socket with a key', (topic: string) => publish(topic, 'k')],
  ])('leaves its name to the next one, created %s', async (_, begin) => {
    const topic = await created({ 'Stream-Expires-At': until(60_000), 'Stream-Closed': 'true' });
    const before = await door.deps.streams.find(topic);
    door.skip(60_001);

    await begin(topic);

    expect((await door.ask('GET', topic)).text).toBe('["published"]');
    expect((await door.deps.streams.find(topic))?.epoch).not.toBe(before?.epoch);
  });

  it('takes publishes by the socket until then', async () => {
    const topic = await created({ 'Stream-Expires-At': until(60_000) });

    await publish(topic);
    await publish(topic, 'k');

    expect((await door.deps.streams.find(topic))?.seq).toBe(3);
  });

  it('stays for its forks, and its name with it', async () => {
    const source = await created({ 'Stream-Expires-At': until(60_000) });
    const fork = newTopic();
    const headers = { 'Stream-Forked-From': `/v1/stream/${source}`, 'Stream-Expires-At': until(600_000) };
    await door.ask('PUT', fork, { headers });
    door.skip(60_001);

    expect((await door.ask('GET', source)).status).toBe(404);
    expect((await door.ask('GET', fork)).text).toBe('[1]');
    expect((await door.ask('PUT', source, { headers: JSON_TYPE })).status).toBe(409);
    await expect(publish(source)).rejects.toMatchObject({ code: 'topic-closed' });
  });
});

describe('a stream of bytes', () => {
  it('takes no publish by the socket, with or without a key', async () => {
    const topic = newTopic();
    await door.ask('PUT', topic, { headers: { 'Content-Type': 'text/plain' } });

    await expect(publish(topic)).rejects.toMatchObject({ code: 'bad-topic' });
    await expect(publish(topic, 'k')).rejects.toMatchObject({ code: 'bad-topic' });
    expect((await door.deps.streams.find(topic))?.seq).toBe(0);
  });
});
