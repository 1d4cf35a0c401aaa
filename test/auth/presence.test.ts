import { createTokenClients, EVERYTHING, type TokenClaims } from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';
import { comesAfter, isChange, isList, newcomersOf } from '../helpers/presence-frames.ts';

const clients = createTokenClients();
afterAll(() => clients.cutAll());

/** Connects as a subject with a name. */
const connectAs = (sub: string, claims: Partial<TokenClaims> = {}): Promise<Dialogue> =>
  clients.connectAs({ ...EVERYTHING, sub, ...claims });

/** Subscribes with presence, and returns the list of members. */
async function watch(client: Dialogue, topic: string): Promise<Frame> {
  await client.ask({ action: 'subscribe', topic, presence: true });
  return client.hear(isList);
}

const changesOf = ({ heard }: Dialogue): readonly Frame[] => heard.filter(isChange);

describe('a member of a topic', () => {
  test('is the subject of its token with its name, once for several connections', async () => {
    const topic = unusedName('room');
    const [ann, bob] = [unusedName('ann'), unusedName('bob')];
    const watcher = await connectAs(bob);
    const before = await watch(watcher, topic);
    const first = await connectAs(ann, { name: 'Ann' });
    await first.ask({ action: 'subscribe', topic });
    const came = await watcher.hear(comesAfter(before));
    const second = await connectAs(ann, { name: 'Ann' });

    const list = await watch(second, topic);

    expect(newcomersOf(came, before)).toEqual([ann]);
    const member = expect.objectContaining({ id: ann, profile: { name: 'Ann' } });
    expect(came).toMatchObject({ count: 2, members: expect.arrayContaining([member]) });
    expect(list).toMatchObject({ count: 2, self: ann, members: [{ id: ann, profile: { name: 'Ann' } }] });
    expect(new Set([list['joined']].flat())).toEqual(new Set([ann, bob]));
  });

  test('that comes back by another connection has neither left nor joined; one that stays away leaves', async () => {
    const topic = unusedName('room');
    const [ann, cy] = [unusedName('ann'), unusedName('cy')];
    const watcher = await connectAs(unusedName('bob'));
    const before = await watch(watcher, topic);
    const [first, gone] = [await connectAs(ann), await connectAs(cy)];
    for (const client of [first, gone]) await client.ask({ action: 'subscribe', topic });
    while (!JSON.stringify(watcher.heard).includes(ann) || !JSON.stringify(watcher.heard).includes(cy)) {
      await watcher.hear(isChange);
    }

    first.cut();
    gone.cut();
    const again = await connectAs(ann);
    await again.ask({ action: 'subscribe', topic });
    const left = await watcher.hear((frame) => isChange(frame) && String(frame['left']) !== '');

    expect(left).toMatchObject({ joined: [], left: [cy], count: 2 });
    expect(changesOf(watcher).flatMap((change) => newcomersOf(change, before))).toHaveLength(2);
    expect(await watch(again, topic)).toMatchObject({ count: 2 });
  });

  test('has a state that others see, that a new watcher finds, and that ends with its connection', async () => {
    const topic = unusedName('room');
    const [ann, bob] = [unusedName('ann'), unusedName('bob')];
    const watcher = await connectAs(bob);
    const before = await watch(watcher, topic);
    const [typist, other] = [await connectAs(ann), await connectAs(ann)];
    for (const client of [typist, other]) await client.ask({ action: 'subscribe', topic });
    await watcher.hear(comesAfter(before));

    const answer = await typist.ask({ action: 'setPresence', topic, state: { typing: true } });
    const set = await watcher.hear({ type: 'members', topic });
    const list = await watch(await connectAs(unusedName('cy')), topic);
    typist.cut();
    const ended = await watcher.hear({ type: 'members', topic });

    expect(answer).toMatchObject({ type: 'ack', action: 'setPresence', topic });
    expect(set).toMatchObject({ members: [{ id: ann, state: { typing: true } }] });
    expect(list).toMatchObject({ members: [{ id: ann, state: { typing: true } }] });
    expect(ended).toMatchObject({ members: [{ id: ann, state: null }] });
  });
});

describe('a state', () => {
  test('needs the permission for presence, a subscription, a small value and a second since the last one', async () => {
    const topic = unusedName('room');
    const sub = unusedName('ann');
    const permitted = await connectAs(sub);
    const reader = await connectAs(sub, { presence: ['other/*'] });
    await reader.ask({ action: 'subscribe', topic });
    const frame = { action: 'setPresence', topic, state: 1 };

    const unsubscribed = await permitted.ask(frame);
    await permitted.ask({ action: 'subscribe', topic });
    const taken = await permitted.ask(frame);
    let soon = await permitted.ask(frame);
    while (soon['type'] === 'ack') soon = await permitted.ask(frame);
    const [large, none] = [
      await permitted.ask({ ...frame, state: 'x'.repeat(1_023) }),
      await permitted.ask({ action: 'setPresence', topic }),
    ];

    expect(unsubscribed).toMatchObject({ type: 'error', code: 'not-subscribed', action: 'setPresence' });
    expect(await reader.ask(frame)).toMatchObject({ type: 'error', code: 'forbidden' });
    expect(taken).toMatchObject({ type: 'ack' });
    expect(soon).toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    expect(large).toMatchObject({ type: 'error', code: 'too-large' });
    expect(none).toMatchObject({ type: 'error', code: 'bad-frame' });
  });

  test('is of the sender alone: no frame can name another member', async () => {
    const topic = unusedName('room');
    const ann = await connectAs(unusedName('ann'));
    await ann.ask({ action: 'subscribe', topic });

    const forged = [
      await ann.ask({ action: 'setPresence', topic, state: 1, id: 'x', member: 'bob' }),
      await ann.ask({ action: 'setPresence', topic: '@away#room', state: 1 }),
      await ann.ask({ action: 'setPresence', topic: 'room/*', state: 1 }),
    ];

    expect(forged.map(({ code }) => code)).toEqual(['bad-frame', 'bad-topic', 'bad-topic']);
  });
});
