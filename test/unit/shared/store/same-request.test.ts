import { openTopics, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';

describe('a key, of two requests', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  it('takes the same data with its members in another order for the same request', async () => {
    const topics = openTopics(engine);
    const first = await topics.publish({ topic: 'members', messages: ['{"a":1,"b":{"d":1,"c":2}}'] }, 'one');

    const again = await topics.publish({ topic: 'members', messages: ['{"b":{"c":2,"d":1},"a":1}'] }, 'one');
    const other = topics.publish({ topic: 'members', messages: ['{"a":1,"b":{"d":2,"c":1}}'] }, 'one');

    expect(again).toEqual(first);
    await expect(other).rejects.toMatchObject({ code: 'bad-frame' });
  });

  it.each([
    ['another max', { max: 5 }],
    ['another min', { max: 100, min: -5 }],
    ['no bound', {}],
    ['the bounds exchanged', { min: 100 }],
    ['another step', { delta: 4, max: 100 }],
  ])('refuses an increment with a key that was used with %s', async (name, fields) => {
    const topics = openTopics(engine);
    const topic = `counter:bounds-${name.replaceAll(' ', '-')}`;
    await topics.increment({ topic, delta: 5, max: 100 }, 'one');

    const other = topics.increment({ topic, delta: 5, ...fields }, 'one');

    await expect(other).rejects.toMatchObject({ code: 'bad-frame' });
    expect(await topics.increment({ topic, delta: 5, max: 100 }, 'one')).toMatchObject({ value: 5, seq: 1 });
  });
});
