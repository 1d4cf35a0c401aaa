import { AWAY_MS } from '../../../../../shared/fanout/presence/decide-members.ts';
import { LIMITS } from '../../../../../shared/protocol/limits.ts';
import {
  connectionOf,
  createPresenceStage,
  presenceEvent,
  type PresenceStage,
} from '../../../../helpers/presence-stage.ts';

const ANN = JSON.stringify({ name: 'Ann' });

describe('a member by name', () => {
  let stage: PresenceStage;

  beforeEach(() => {
    stage = createPresenceStage();
  });

  const connect = (id: string, details = {}) => void stage.rows.set(id, { ...connectionOf(id), ...details });
  const frames = () => stage.told.map(({ frame }) => frame);

  /** Lets a connection join, as the index shows it, and forgets what the watchers were told of it. */
  async function join(id: string, details = {}): Promise<void> {
    connect(id, details);
    await stage.announce(presenceEvent('joined', id, details));
    stage.told.length = 0;
  }

  async function leave(id: string, details = {}): Promise<void> {
    stage.rows.delete(id);
    await stage.announce(presenceEvent('left', id, details));
  }

  it('is reported by its subject, with its profile', async () => {
    connect('ann-1');

    await stage.announce(presenceEvent('joined', 'ann-1', { profile: ANN }));

    expect(frames()).toMatchObject([
      { joined: ['ann'], left: [], count: 1, members: [{ id: 'ann', profile: { name: 'Ann' } }] },
    ]);
  });

  it('joins and counts once, whatever the number of its connections', async () => {
    await join('ann-1');

    connect('ann-2');
    await stage.announce(presenceEvent('joined', 'ann-2'));
    connect('bob-1');
    await stage.announce(presenceEvent('joined', 'bob-1'));

    expect(frames()).toMatchObject([{ joined: ['bob'], count: 2 }]);
  });

  it('joins when two connections come at once, seen by two batches that both see both', async () => {
    connect('ann-1');
    connect('ann-2');

    await stage.announce(presenceEvent('joined', 'ann-2'));
    await stage.announce(presenceEvent('joined', 'ann-1'));

    expect(frames()).toMatchObject([{ joined: ['ann'] }]);
  });

  it('joins though its first connection went before its batch came', async () => {
    connect('ann-1');
    connect('ann-2');
    await stage.announce(presenceEvent('joined', 'ann-2'));

    stage.rows.delete('ann-1');
    await stage.announce(presenceEvent('joined', 'ann-1'), presenceEvent('left', 'ann-1'));

    expect(frames()).toMatchObject([{ joined: ['ann'], count: 1 }]);
  });

  it('does not leave while another connection is there', async () => {
    await join('ann-1');
    await join('ann-2');

    await leave('ann-1');
    stage.pass(AWAY_MS);
    await stage.tick();

    expect(frames()).toEqual([]);
    expect(stage.away.records('lobby').size).toBe(0);
    expect(stage.away.clocks.size).toBe(0);
  });

  it('leaves a while after its last connection, and not before', async () => {
    await join('ann-1');

    await leave('ann-1');
    stage.pass(AWAY_MS - 1);
    await stage.tick();
    const early = [...frames()];
    stage.pass(1);
    await stage.tick();

    expect(early).toEqual([]);
    expect(frames()).toMatchObject([{ joined: [], left: ['ann'], count: 0 }]);
    expect(stage.away.clocks.size).toBe(0);
  });

  it('neither leaves nor joins when it comes back in time', async () => {
    await join('ann-1');

    await leave('ann-1');
    stage.pass(AWAY_MS - 1);
    connect('ann-2');
    await stage.announce(presenceEvent('joined', 'ann-2'));
    stage.pass(1);
    await stage.tick();

    expect(frames()).toEqual([]);
    expect(stage.away.clocks.size).toBe(0);
  });

  it('neither leaves nor joins when its connection is replaced within a batch', async () => {
    await join('ann-1');

    stage.rows.delete('ann-1');
    connect('ann-2');
    await stage.announce(presenceEvent('joined', 'ann-2'), presenceEvent('left', 'ann-1'));
    stage.pass(AWAY_MS);
    await stage.tick();

    expect(frames()).toEqual([]);
  });

  it('does not leave if it is back, though the index does not show it yet', async () => {
    await join('ann-1');

    await leave('ann-1');
    await stage.announce(presenceEvent('joined', 'ann-2'));
    stage.pass(AWAY_MS);
    await stage.tick();

    expect(frames()).toEqual([]);
  });

  it('joins when it comes back after its leave was decided', async () => {
    await join('ann-1');
    await leave('ann-1');
    stage.pass(AWAY_MS);
    await stage.tick();

    connect('ann-2');
    await stage.announce(presenceEvent('joined', 'ann-2'));

    expect(frames()).toMatchObject([{ left: ['ann'] }, { joined: ['ann'] }]);
  });

  it('leaves again when it was back for a moment', async () => {
    await join('ann-1');
    await leave('ann-1');
    await join('ann-2');
    stage.pass(AWAY_MS / 2);
    await leave('ann-2');

    stage.pass(AWAY_MS / 2);
    await stage.tick();
    const early = [...frames()];
    stage.pass(AWAY_MS / 2);
    await stage.tick();

    expect(early).toEqual([]);
    expect(frames()).toMatchObject([{ left: ['ann'] }]);
  });

  it('is in the list and in the count while it is away, and not in the one after', async () => {
    await join('ann-1', { profile: ANN });
    await leave('ann-1', { profile: ANN });

    await stage.announce(presenceEvent('watching', 'new-1'));
    stage.pass(AWAY_MS);
    await stage.tick();
    await stage.announce(presenceEvent('watching', 'new-1'));

    const lists = stage.told.filter(({ to }) => to === 'new-1');
    expect(lists.map(({ frame }) => frame)).toMatchObject([
      { joined: ['ann'], count: 1, members: [{ id: 'ann', profile: { name: 'Ann' } }], self: 'new' },
      { joined: [], count: 0, self: 'new' },
    ]);
  });

  it('leaves with the retry of a batch that reached nobody', async () => {
    await join('ann-1');
    for (const id of ['eve', 'fay', 'gil']) stage.watchers.set(id, connectionOf(id));
    await leave('ann-1');
    stage.pass(AWAY_MS);
    const check = stage.away.check('lobby');

    stage.outcome = 'failed';
    await stage.announce(check);
    stage.outcome = 'delivered';
    await stage.announce(check);

    expect(frames()).toMatchObject(stage.told.map(() => ({ left: ['ann'] })));
    expect(stage.told).toHaveLength(4);
    expect(stage.away.records('lobby').size).toBe(0);
  });

  it('does not leave by that retry if it has joined again meanwhile', async () => {
    await join('ann-1');
    await leave('ann-1');
    stage.pass(AWAY_MS);
    const check = stage.away.check('lobby');
    stage.watchers.set('eve', connectionOf('eve')).set('fay', connectionOf('fay')).set('gil', connectionOf('gil'));

    stage.outcome = 'failed';
    await stage.announce(check);
    stage.outcome = 'delivered';
    connect('ann-2');
    await stage.announce(presenceEvent('joined', 'ann-2'));
    await stage.announce(check);

    expect(frames().every((frame) => frame.type === 'presence' && frame.left.length === 0)).toBe(true);
  });

  it('leaves at once if too many others are away already', async () => {
    const others = Array.from({ length: LIMITS.PRESENCE_MEMBERS }, (_, i) => `other${i}-1`);
    await stage.announce(...others.map((id) => presenceEvent('left', id)));
    await join('ann-1');

    await leave('ann-1');

    expect(frames()).toMatchObject([{ left: ['ann'], count: LIMITS.PRESENCE_MEMBERS }]);
  });

  it('costs the topic one query where nobody watches, and its clock stops', async () => {
    await join('ann-1');
    await leave('ann-1');
    stage.watchers.clear();
    stage.looks.length = 0;

    await stage.tick();
    await stage.announce(presenceEvent('joined', 'bob-1'));

    expect(stage.looks).toEqual([]);
    expect(stage.away.clocks.size).toBe(0);
    expect(stage.away.records('lobby').size).toBe(0);
  });
});
