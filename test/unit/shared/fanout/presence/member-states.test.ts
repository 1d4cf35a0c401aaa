import { AWAY_MS } from '../../../../../shared/fanout/presence/decide-members.ts';
import { announcePresence } from '../../../../../shared/fanout/presence/presence.ts';
import { byteLength } from '../../../../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../../../../shared/protocol/limits.ts';
import {
  connectionOf,
  createPresenceStage,
  presenceEvent,
  type PresenceStage,
} from '../../../../helpers/presence-stage.ts';

const ANN = JSON.stringify({ name: 'Ann' });
const TYPING = JSON.stringify({ typing: true });

describe('the state of a member', () => {
  let stage: PresenceStage;

  beforeEach(() => {
    stage = createPresenceStage();
  });

  const connect = (id: string, details = {}) => void stage.rows.set(id, { ...connectionOf(id), ...details });
  const frames = () => stage.told.map(({ frame }) => frame);

  it('is sent to the watchers without a look at the other members, the last of a batch alone', async () => {
    connect('ann-1');
    const second = { state: TYPING, statedAt: 2 };

    await stage.announce(
      presenceEvent('stated', 'ann-1', { state: '1', statedAt: 1 }),
      presenceEvent('stated', 'ann-1', second),
      presenceEvent('stated', 'bob-1', { statedAt: 1 }),
    );

    expect(frames()).toEqual([
      {
        type: 'members',
        topic: 'lobby',
        members: [
          { id: 'ann', state: { typing: true } },
          { id: 'bob', state: null },
        ],
      },
    ]);
    expect(stage.looks).toEqual([]);
  });

  it('of two connections is the one that was set later, whichever comes first', async () => {
    await stage.announce(
      presenceEvent('stated', 'ann-2', { state: '"later"', statedAt: 9 }),
      presenceEvent('stated', 'ann-1', { state: '"earlier"', statedAt: 8 }),
    );

    expect(frames()).toMatchObject([{ members: [{ id: 'ann', state: 'later' }] }]);
  });

  it('comes with the join, if both are in one batch', async () => {
    connect('ann-1');

    await stage.announce(
      presenceEvent('joined', 'ann-1', { profile: ANN }),
      presenceEvent('stated', 'ann-1', { profile: ANN, state: TYPING, statedAt: 1 }),
    );

    expect(frames()).toMatchObject([
      { joined: ['ann'], members: [{ id: 'ann', profile: { name: 'Ann' }, state: { typing: true } }] },
    ]);
  });

  it('is in the list of a new watcher, the newest of several connections', async () => {
    connect('ann-1', { profile: ANN, state: '"old"', statedAt: 1 });
    connect('ann-2', { profile: ANN, state: TYPING, statedAt: 2 });
    connect('bob-1');

    await stage.announce(
      presenceEvent('watching', 'new-1'),
      presenceEvent('stated', 'bob-1', { state: '5', statedAt: 3 }),
    );

    const [list] = stage.told.filter(({ to }) => to === 'new-1');
    expect(list?.frame).toMatchObject({
      joined: ['ann', 'bob'],
      members: [
        { id: 'ann', profile: { name: 'Ann' }, state: { typing: true } },
        { id: 'bob', state: 5 },
      ],
    });
  });

  it('ends with its connection, while the member is there by another one', async () => {
    connect('ann-2');

    await stage.announce(presenceEvent('left', 'ann-1', { state: TYPING, statedAt: 1 }));
    stage.pass(AWAY_MS);
    await stage.tick();

    expect(frames()).toEqual([{ type: 'members', topic: 'lobby', members: [{ id: 'ann', state: null }] }]);
  });

  it('is then the one of the other connection, if that has one', async () => {
    connect('ann-2', { state: '"other"', statedAt: 1 });

    await stage.announce(presenceEvent('left', 'ann-1', { state: TYPING, statedAt: 2 }));
    stage.pass(AWAY_MS);
    await stage.tick();

    expect(frames()).toMatchObject([{ members: [{ id: 'ann', state: 'other' }] }]);
  });
});

describe('a list of members', () => {
  it('comes in frames that API Gateway takes as one, each with the receiver, and all but the last with more', async () => {
    const stage = createPresenceStage();
    const profile = JSON.stringify({ about: 'ä'.repeat(490) });
    for (let i = 0; i < 100; i++) stage.rows.set(`m${i}-1`, { ...connectionOf(`m${i}-1`), profile });

    await announcePresence(stage.deps, [presenceEvent('watching', 'new-1')]);

    const frames = stage.told.map(({ frame }) => frame);
    const parts = frames.map((frame) => (frame.type === 'presence' ? frame : undefined));
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.flatMap((part) => part?.joined)).toHaveLength(100);
    expect(parts.map((part) => part?.more)).toEqual([...parts.slice(1).map(() => true), undefined]);
    expect(parts.every((part) => part?.self === 'new' && part.count === 100)).toBe(true);
    expect(frames.every((frame) => byteLength(JSON.stringify(frame)) <= LIMITS.FRAME_BYTES)).toBe(true);
  });

  it('names a thousand, and counts all', async () => {
    const stage = createPresenceStage();
    const members = Array.from({ length: LIMITS.PRESENCE_MEMBERS + 7 }, (_, i) => `m${i}-1`);
    for (const id of members) stage.rows.set(id, connectionOf(id));

    await announcePresence(stage.deps, [presenceEvent('watching', 'new-1')]);

    const named = stage.told.flatMap(({ frame }) => (frame.type === 'presence' ? frame.joined : []));
    expect(named).toHaveLength(LIMITS.PRESENCE_MEMBERS);
    expect(stage.told[0]?.frame).toMatchObject({ count: members.length });
  });

  it('says nothing of anonymous members but their names, and reads nothing for them', async () => {
    const stage = createPresenceStage();
    stage.rows.set('anon', { connectionId: 'anon', connectedAt: 1 });

    await announcePresence(stage.deps, [presenceEvent('watching', 'new-1')]);

    expect(stage.told[0]?.frame).not.toHaveProperty('members');
    expect(stage.looks).toEqual(['members']);
  });
});

describe('the clock of members that are away', () => {
  it('does not have the members listed at each tick', async () => {
    const stage = createPresenceStage();
    await stage.announce(presenceEvent('left', 'ann-1'));
    stage.looks.length = 0;

    stage.pass(1_000);
    await stage.tick();

    expect(stage.looks).toEqual([]);
    expect(stage.away.clocks.size).toBe(1);
  });
});
