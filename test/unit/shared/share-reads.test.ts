import { setImmediate as nextTurn } from 'node:timers/promises';
import { shareReads } from '../../../shared/share-reads.ts';

/** A store of one number for each key, whose reads take the value at their beginning and end when they are told. */
function createStore() {
  const values = new Map<string, number>();
  const running: { readonly key: string; readonly end: (error?: Error) => void }[] = [];
  const read = shareReads(
    (key) =>
      new Promise<number>((resolve, reject) => {
        const value = values.get(key) ?? 0;
        running.push({ key, end: (error) => (error === undefined ? resolve(value) : reject(error)) });
      }),
  );
  const end = async (error?: Error): Promise<void> => {
    running.shift()?.end(error);
    await nextTurn();
  };
  return { values, running, read, end };
}

describe('reads that are shared', () => {
  it('are two for any number of calls that come together', async () => {
    const { read, running, end } = createStore();
    const answers = Promise.all(Array.from({ length: 200 }, () => read('news')));

    expect(running).toHaveLength(1);
    await end();
    expect(running).toHaveLength(1);
    await end();

    expect(await answers).toHaveLength(200);
    expect(running).toEqual([]);
  });

  it('begin after each call: what was written before it is in the answer', async () => {
    const { read, values, end } = createStore();
    const before = read('news');
    values.set('news', 1);
    const after = read('news');
    await end();
    values.set('news', 2);
    const late = read('news');
    await end();
    await end();

    expect(await Promise.all([before, after, late])).toEqual([0, 1, 2]);
  });

  it('of different keys do not wait for each other', async () => {
    const { read, running } = createStore();
    void read('news');
    void read('votes');

    expect(running.map(({ key }) => key)).toEqual(['news', 'votes']);
  });

  it('fail for those who share one, and the next ones begin anew', async () => {
    const { read, end } = createStore();
    const [first, second, third] = [read('news'), read('news'), read('news')].map((answer) =>
      answer.catch(({ message }: Error) => message),
    );
    await end(new Error('throttled'));
    await end(new Error('again'));
    const fourth = read('news');
    await end();

    expect(await Promise.all([first, second, third, fourth])).toEqual(['throttled', 'again', 'again', 0]);
  });
});
