import { createExpiredItems } from '../../../../local/engine/expired-items.ts';

const KEY = { topic: { S: 'news' }, connectionId: { S: 'c' } };

describe('The expired items', () => {
  it('are seen once by each reader, whatever the order of the key’s attributes', () => {
    const expired = createExpiredItems();
    const [first, second] = [expired.addReader(), expired.addReader()];

    expired.announce('Topics', KEY);

    expect(first('Topics', { connectionId: { S: 'c' }, topic: { S: 'news' } })).toBe(true);
    expect(first('Topics', KEY)).toBe(false);
    expect(second('Topics', KEY)).toBe(true);
  });

  it('are those of one table, and none that was withdrawn', () => {
    const expired = createExpiredItems();
    const [first, second] = [expired.addReader(), expired.addReader()];
    expired.announce('Topics', KEY);
    expired.announce('Keys', KEY);

    expired.withdraw('Topics', KEY);

    expect([first('Topics', KEY), second('Topics', KEY), first('Keys', KEY)]).toEqual([false, false, true]);
  });

  it('are the newest 10,000 for a reader that sees none', () => {
    const expired = createExpiredItems();
    const wasExpired = expired.addReader();

    for (let id = 0; id <= 10_000; id += 1) expired.announce('Topics', { id: { N: String(id) } });

    expect(wasExpired('Topics', { id: { N: '0' } })).toBe(false);
    expect(wasExpired('Topics', { id: { N: '1' } })).toBe(true);
  });
});
