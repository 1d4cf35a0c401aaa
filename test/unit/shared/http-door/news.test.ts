import { setImmediate as turn } from 'node:timers/promises';
import { HTTP_BOUNDS } from '../../../../shared/http-door/http-bounds.ts';
import { createNews } from '../../../../shared/http-door/news.ts';
import { type DoorScene, newTopic, startDoorScene } from '../../../helpers/door-scene.ts';

let door: DoorScene;

beforeAll(async () => {
  door = await startDoorScene();
});

afterAll(() => door.stop());

/** Lets readers of one topic wait until they give up. Resolves to the number of looks, and to what they learned. */
async function waitWith(readers: number) {
  const topic = newTopic();
  await door.ask('PUT', topic, { headers: { 'Content-Type': 'application/json' } });
  const known = await door.deps.streams.find(topic);
  if (known === undefined) throw new Error('The stream is not there.');
  let [nowMs, looks] = [0, 0];
  const waitForNews = createNews({
    look: async (name) => {
      looks += 1;
      return door.deps.streams.find(name);
    },
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      await turn();
    },
  });
  const news = await Promise.all(Array.from({ length: readers }, () => waitForNews({ topic, known, untilMs: 1_000 })));
  return { looks, news: new Set(news) };
}

describe('the waiting of one process for news of a topic', () => {
  it('looks once in an interval for one reader', async () => {
    const { looks, news } = await waitWith(1);

    expect(looks).toBe(1_000 / HTTP_BOUNDS.LOOK_MS);
    expect([...news]).toEqual(['nothing']);
  });

  it('looks more often for many readers, once a second for each of them', async () => {
    const [ten, fifty] = [await waitWith(10), await waitWith(50)];

    expect([ten.looks, fifty.looks]).toEqual([1_000 / HTTP_BOUNDS.LOOK_MS, 1_000 / 20]);
  });

  it('has a shortest interval, whatever the number of readers is', async () => {
    const [hundred, all] = [await waitWith(100), await waitWith(200)];

    expect([hundred.looks, all.looks]).toEqual([1_000 / HTTP_BOUNDS.SHORTEST_LOOK_MS, hundred.looks]);
  });

  it('serves a reader that comes at the moment at which the last one leaves', async () => {
    const topic = newTopic();
    await door.ask('PUT', topic, { headers: { 'Content-Type': 'application/json' } });
    const known = await door.deps.streams.find(topic);
    if (known === undefined) throw new Error('The stream is not there.');
    let nowMs = 0;
    const waitForNews = createNews({
      look: async (name) => door.deps.streams.find(name),
      now: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
        await turn();
      },
    });

    const first = waitForNews({ topic, known, untilMs: 500 });
    // Asks in the very turn in which the first one is answered.
    const second = first.then(() => waitForNews({ topic, known, untilMs: 1_000 }));

    expect(await Promise.all([first, second])).toEqual(['nothing', 'nothing']);
  });
});
