import fc from 'fast-check';
import { openTopics, startStoreEngine, type StoreEngine } from '../helpers/store-engine.ts';

const WRITERS = 3;

const step = fc.record({
  writer: fc.nat({ max: WRITERS - 1 }),
  key: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }),
  delta: fc.constantFrom(1, 2, -1, -3),
  min: fc.option(fc.constantFrom<number>(-2, 0), { nil: undefined }),
  max: fc.option(fc.constantFrom<number>(1, 4), { nil: undefined }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Answer {
  readonly value: number;
  readonly seq: number;
}

/** Creates the model of a counter: the simplest correct one. */
function createModel() {
  const byKey = new Map<string, { readonly request: string; readonly answer: Answer }>();
  let state: Answer = { value: 0, seq: 0 };
  return ({ key, delta, min = -Infinity, max = Infinity }: Step): Answer | 'out-of-bounds' | 'bad-frame' => {
    const known = key === undefined ? undefined : byKey.get(key);
    const request = JSON.stringify([delta, String(min), String(max)]);
    if (known !== undefined) return known.request === request ? known.answer : 'bad-frame';
    const value = state.value + delta;
    if (value < min || value > max) return 'out-of-bounds';
    state = { value, seq: state.seq + 1 };
    if (key !== undefined) byKey.set(key, { request, answer: state });
    return state;
  };
}

describe('writes with and without a key, of any order and any writer', () => {
  let engine: StoreEngine;
  let counters = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const newTopic = () => `counter:${(counters += 1)}`;

  async function attempt(store: ReturnType<typeof openTopics>, topic: string, { key, delta, min, max }: Step) {
    const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    try {
      const { value, seq } = await store.increment({ topic, delta, ...bounds }, key);
      return { value, seq };
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  it('answer as if one writer had done them all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const topic = newTopic();
        const stores = Array.from({ length: WRITERS }, () => openTopics(engine));
        const model = createModel();

        for (const each of steps) {
          const store = stores[each.writer] ?? openTopics(engine);
          expect(await attempt(store, topic, each)).toEqual(model(each));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('count once for each key when all run at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 }), async (keys) => {
        const topic = newTopic();

        const answers = await Promise.all(
          keys.map(async (key) => ({ key, state: await openTopics(engine).increment({ topic, delta: 1 }, key) })),
        );

        const byKey = Map.groupBy(answers, ({ key }) => key);
        const seqs = [...byKey.values()].map((group) => new Set(group.map(({ state }) => state.seq)));
        expect(seqs.every((each) => each.size === 1)).toBe(true);
        expect(new Set(seqs.flatMap((each) => [...each]))).toEqual(new Set(Array.from(byKey.keys(), (_, i) => i + 1)));
      }),
      { numRuns: 25 },
    );
  });
});
