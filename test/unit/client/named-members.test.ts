import { Members } from '../../../client/src/members.ts';
import type { Member } from '../../../client/src/index.ts';
import { ClientScene, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

const at = (second: number): string => `2026-11-20T09:30:0${second}.000Z`;

const list = (second: number, joined: readonly string[], fields: object = {}) => ({
  type: 'presence' as const,
  topic: 'lobby',
  joined: [...joined],
  left: [],
  count: joined.length,
  countedAt: at(second),
  self: 'me',
  ...fields,
});

const change = (second: number, { joined = [] as string[], left = [] as string[], ...fields }) => ({
  type: 'presence' as const,
  topic: 'lobby',
  joined,
  left,
  count: 1,
  countedAt: at(second),
  ...fields,
});

const states = (...members: Member[]) => ({ type: 'members' as const, topic: 'lobby', members });

describe('the members that a client knows', () => {
  let members: Members;

  beforeEach(() => {
    members = new Members();
  });

  const idsOf = (found: readonly Member[] | undefined) => found?.map(({ id }) => id);

  it('have their profiles and states', () => {
    members.take(
      list(1, ['ann', 'me'], { members: [{ id: 'ann', profile: { name: 'Ann' }, state: { typing: true } }] }),
    );

    expect(members.all).toEqual([{ id: 'ann', profile: { name: 'Ann' }, state: { typing: true } }, { id: 'me' }]);
  });

  it('are known when the last part of their list has come', () => {
    const first = members.take(list(1, ['ann'], { more: true }));
    const early = members.presence;
    const whole = members.take(list(1, ['me']));

    expect([first, early]).toEqual([undefined, undefined]);
    expect(idsOf(whole?.joined)).toEqual(['ann', 'me']);
  });

  it('of a later list are compared with those before: a list again is no news', () => {
    members.take(list(1, ['ann', 'bob'], { members: [{ id: 'ann', profile: 1 }] }));

    members.take(list(2, ['ann'], { members: [{ id: 'ann', profile: 1 }], more: true }));
    const again = members.take(list(2, ['cy']));

    expect(again).toEqual({ joined: [{ id: 'cy' }], left: [{ id: 'bob' }], updated: [] });
  });

  it('change while a list is coming, and the list has the change too', () => {
    members.take(list(1, ['ann', 'me']));

    members.take(list(2, ['ann', 'me'], { more: true }));
    const changed = members.take(change(3, { joined: ['bob'], left: ['ann'] }));
    members.take(list(2, ['cy']));

    expect(idsOf(changed?.joined)).toEqual(['bob']);
    expect(idsOf(members.all)).toEqual(['me', 'bob', 'cy']);
  });

  it('are of the newest list, if an earlier one was never complete', () => {
    members.take(list(1, ['ann'], { more: true }));

    const whole = members.take(list(2, ['bob']));

    expect(idsOf(whole?.joined)).toEqual(['bob']);
  });

  it('are updated by their states, which end', () => {
    members.take(list(1, ['ann'], { members: [{ id: 'ann', profile: 1 }] }));

    const set = members.take(states({ id: 'ann', state: 5 }, { id: 'stranger', state: 6 }));
    const same = members.take(states({ id: 'ann', state: 5 }));
    const ended = members.take(states({ id: 'ann', state: null }));

    expect(set).toEqual({ joined: [], left: [], updated: [{ id: 'ann', profile: 1, state: 5 }] });
    expect(same?.updated).toEqual([]);
    expect(ended?.updated).toEqual([{ id: 'ann', profile: 1 }]);
  });

  it('that are named as joined again have not joined, and keep what is known of them', () => {
    members.take(list(1, ['ann'], { members: [{ id: 'ann', profile: 1 }] }));

    const again = members.take(change(2, { joined: ['ann'] }));

    expect(again).toEqual({ joined: [], left: [], updated: [] });
  });

  it('have not left by a change from before their join', () => {
    members.take(list(1, ['me']));
    members.take(change(3, { joined: ['ann'] }));

    const late = members.take(change(2, { left: ['ann'] }));

    expect(late?.left).toEqual([]);
    expect(idsOf(members.all)).toEqual(['me', 'ann']);
  });

  it('have no state of an earlier stay', () => {
    members.take(list(1, ['ann'], { members: [{ id: 'ann', state: 5 }] }));

    members.take(change(2, { left: ['ann'] }));
    members.take(change(3, { joined: ['ann'] }));

    expect(members.all).toEqual([{ id: 'ann' }]);
  });
});

describe('a subscription with presence', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  it('tells who joins, leaves and changes, to those alone who ask for it', async () => {
    const rt = await online(scene.open());
    const told: string[] = [];
    const lobby = rt.subscribe('lobby', { presence: true });
    const plain = rt.subscribe('lobby');
    for (const name of ['join', 'leave', 'update'] as const) {
      lobby.on(name, (member) => told.push(`${name} ${JSON.stringify(member)}`));
      plain.on(name, () => told.push('not asked for'));
    }
    await eventually(() => expect(lobby.state).toBe('live'));

    scene.backend.send(list(1, ['me']));
    scene.backend.send(change(2, { joined: ['ann'], members: [{ id: 'ann', profile: { name: 'Ann' } }] }));
    scene.backend.send(states({ id: 'ann', state: 5 }));
    scene.backend.send(change(3, { left: ['ann'] }));
    await eventually(() => expect(told).toHaveLength(4));

    expect(told).toEqual([
      'join {"id":"me"}',
      'join {"id":"ann","profile":{"name":"Ann"}}',
      'update {"id":"ann","profile":{"name":"Ann"},"state":5}',
      'leave {"id":"ann","profile":{"name":"Ann"},"state":5}',
    ]);
    expect(lobby.members()).toEqual([{ id: 'me' }]);
    expect(plain.members()).toEqual([]);
  });

  it('tells one that comes later who is there already', async () => {
    const rt = await online(scene.open());
    const first = rt.subscribe('lobby', { presence: true });
    await eventually(() => expect(first.state).toBe('live'));
    scene.backend.send(list(1, ['me', 'ann']));
    await eventually(() => expect(first.members()).toHaveLength(2));

    const joined: string[] = [];
    rt.subscribe('lobby', { presence: true }).on('join', ({ id }) => joined.push(id));

    await eventually(() => expect(joined).toEqual(['me', 'ann']));
  });
});
