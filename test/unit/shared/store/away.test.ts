import { createAwayStore, decodeAwayCheck } from '../../../../shared/store/away.ts';
import type { Item } from '../../../../shared/store/attributes.ts';
import { readStream } from '../../../helpers/read-stream.ts';
import { startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const AT = Date.UTC(2026, 10, 20, 12);

describe('the members that are away', () => {
  let engine: StoreEngine;
  let stamps = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const open = () =>
    createAwayStore({ client: engine.client, table, now: () => AT, newStamp: () => `s-${(stamps += 1)}` });
  const member = (subject: string, sinceMs = AT) => ({ subject, sinceMs, isStated: false });
  const subjectsOf = async (topic: string) => (await open().list(topic)).map(({ subject }) => subject);

  /** The checks that the stream has for a topic. */
  async function checksOf(topic: string) {
    const records = await readStream(engine, table);
    return records.flatMap(({ eventName, dynamodb: { NewImage, OldImage } }) => {
      const became = eventName === 'INSERT' ? 'new' : 'changed';
      const [image, before] = [NewImage, OldImage] as unknown as readonly [Item?, Item?];
      const check = image && decodeAwayCheck(image, { became, before });
      return check?.topic === topic ? [check] : [];
    });
  }

  it('are listed by their topic, as they were noted', async () => {
    await open().note('a', [{ ...member('ann'), profile: '{"name":"Ann"}', isStated: true }, member('@clock')]);

    expect(await open().list('a')).toEqual([
      { subject: '@clock', sinceMs: AT, isStated: false, isBack: false, isGone: false },
      { subject: 'ann', sinceMs: AT, profile: '{"name":"Ann"}', isStated: true, isBack: false, isGone: false },
    ]);
    expect(await open().list('a/b')).toEqual([]);
  });

  it('are noted in any number', async () => {
    const subjects = Array.from({ length: 60 }, (_, i) => `m${i}`);

    await open().note(
      'many',
      subjects.map((subject) => member(subject)),
    );

    expect((await subjectsOf('many')).toSorted()).toEqual(subjects.toSorted());
  });

  it('have a clock, of which each write makes one check', async () => {
    await open().note('clock', [member('ann')]);
    await open().note('clock', [member('bob')]);
    const [first, second, ...others] = await checksOf('clock');

    expect(others).toEqual([]);
    expect(first?.stamp).not.toBe(second?.stamp);
  });

  it('have their clock set again by its newest check alone', async () => {
    await open().note('again', [member('ann')]);
    await open().note('again', [member('bob')]);
    const [stale, newest] = await checksOf('again');
    if (stale === undefined || newest === undefined) throw new Error('There are no checks.');

    await open().setAgain(stale);
    await open().stop(stale);
    const afterStale = await checksOf('again');
    await open().setAgain(newest);

    expect(afterStale).toHaveLength(2);
    expect(await checksOf('again')).toHaveLength(3);
  });

  it('have a clock that can be stopped, which makes no check', async () => {
    await open().note('stop', [member('ann')]);
    const [check] = await checksOf('stop');
    if (check === undefined) throw new Error('There is no check.');

    await open().stop(check);
    await open().setAgain(check);

    expect(await checksOf('stop')).toHaveLength(1);
  });

  it('that are back have not left, and others have: whichever is first', async () => {
    await open().note('race', [member('back'), member('gone')]);

    const strangers = await open().welcome('race', ['back', 'nobody']);
    const decided = await open().decide('race', await open().list('race'));
    const late = await open().welcome('race', ['gone']);

    expect(strangers).toEqual(['nobody']);
    expect(decided.map(({ subject }) => subject)).toEqual(['gone']);
    expect(late).toEqual(['gone']);
  });

  it('that went again are neither decided nor settled by what was read before', async () => {
    await open().note('later', [member('ann')]);
    const before = await open().list('later');
    await open().note('later', [member('ann', AT + 1)]);

    const decided = await open().decide('later', before);
    await open().settle('later', before);

    expect(decided).toEqual([]);
    expect(await subjectsOf('later')).toEqual(['ann']);
  });

  it('that are settled are not listed', async () => {
    await open().note('settled', [member('ann')]);

    await open().settle('settled', await open().list('settled'));

    expect(await subjectsOf('settled')).toEqual([]);
  });

  it('make no check by a record of another kind', () => {
    expect(
      decodeAwayCheck({ topic: { S: '=ann' }, connectionId: { S: '@away#a' } }, { became: 'new' }),
    ).toBeUndefined();
  });
});
