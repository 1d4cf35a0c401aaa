import { contractTarget, unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';
import { comesAfter, isChange, isList, joinedBy, newcomersOf } from '../helpers/presence-frames.ts';

describe('presence', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  /** Connects a client with a presence subscription, and returns it with the list of members that it got. */
  async function watcher(topic: string): Promise<{ client: Dialogue; list: Frame }> {
    const client = await target.client();
    client.say({ action: 'subscribe', topic, presence: true });
    return { client, list: await client.hear(isList) };
  }

  const presenceOf = (client: Dialogue) => client.heard.filter(({ type }) => type === 'presence');

  test('a subscriber with presence gets the members of the topic, and which of them it is', async () => {
    const topic = unusedName('lobby');
    const member = await target.client([topic]);
    await member.hear({ type: 'subscribed', topic });

    const { list } = await watcher(topic);

    expect(list).toMatchObject({ count: 2, left: [] });
    expect(list['joined']).toHaveLength(2);
    expect(list['joined']).toContain(list['self']);
  });

  test('then it gets the members that join and leave, by the same names', async () => {
    const topic = unusedName('lobby');
    const { client, list } = await watcher(topic);

    const guest = await target.client([topic]);
    const came = await client.hear(comesAfter(list));
    await guest.close();
    const left = await client.hear((frame) => isChange(frame) && String(frame['left']) !== '');

    expect(came).toMatchObject({ count: 2, left: [] });
    expect(newcomersOf(came, list)).toHaveLength(1);
    expect(left).toMatchObject({ count: 1, joined: [], left: newcomersOf(came, list) });
  });

  test('a subscriber without presence gets no presence frames', async () => {
    const topic = unusedName('lobby');
    const plain = await target.client([topic]);
    await plain.hear({ type: 'subscribed', topic });

    const { client } = await watcher(topic);
    await client.ask({ action: 'publish', topic, data: 'after' });
    await plain.hear({ type: 'message', topic });

    expect(presenceOf(plain)).toEqual([]);
  });

  test('after unsubscribing, or subscribing again without presence, no presence frames come', async () => {
    const topic = unusedName('lobby');
    const [{ client: leaver }, { client: quiet }, { client: witness, list }] = [
      await watcher(topic),
      await watcher(topic),
      await watcher(topic),
    ];
    await leaver.ask({ action: 'unsubscribe', topic });
    await quiet.ask({ action: 'subscribe', topic });
    await witness.hear((frame) => frame['type'] === 'presence' && frame['count'] === 2 && !frame['self']);

    const guest = await target.client([topic]);
    const [name, ...more] = newcomersOf(await witness.hear(comesAfter(list)), list);
    for (const each of [leaver, quiet]) await each.ask({ action: 'publish', topic, data: 'later' });
    await quiet.hear({ type: 'message', seq: 2 });

    const told = [...presenceOf(leaver), ...presenceOf(quiet)].flatMap(joinedBy);
    expect(more).toEqual([]);
    expect(told).not.toContain(name);
    await guest.close();
  });
});
