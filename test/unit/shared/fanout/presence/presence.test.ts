import type { PostOutcome } from '../../../../../shared/post/post.ts';
import { announcePresence } from '../../../../../shared/fanout/presence/presence.ts';
import { LIMITS } from '../../../../../shared/protocol/limits.ts';
import { presenceFrame } from '../../../../../shared/protocol/server-frames.ts';
import { memberOf, type PresenceEvent } from '../../../../../shared/store/presence.ts';
import { createFakeDelivery } from '../../../../helpers/fake-delivery.ts';
import { createFakeAway } from '../../../../helpers/fake-away.ts';
import { CONNECT_GRACE_MS } from '../../../../../shared/fanout/deliver/deliver-frames.ts';

const connectionOf = (connectionId: string) => ({ connectionId, connectedAt: 0 });

const event = (kind: 'joined' | 'left' | 'watching', connectionId: string, topic = 'lobby'): PresenceEvent => ({
  kind,
  topic,
  connection: connectionOf(connectionId),
});

interface Index {
  readonly watchers?: readonly string[];
  readonly members?: readonly string[];
}

/** A topic's index, and who was told what. */
function createStage({ watchers = [], members = [] }: Index, outcome: PostOutcome = 'delivered') {
  const told: { to: string; joined: string[]; left: string[]; count: number; self?: string | undefined }[] = [];
  const looks: string[] = [];
  const delivery = createFakeDelivery((to, text) => {
    const { joined, left, count, self } = presenceFrame.parse(JSON.parse(text));
    told.push({ to, joined, left, count, ...(self === undefined ? {} : { self }) });
    return outcome;
  });
  async function* listWatchers(topic: string) {
    looks.push(`watchers of ${topic}`);
    yield* watchers.map(connectionOf);
  }
  async function* listMembers(topic: string) {
    looks.push(`members of ${topic}`);
    yield* members.map(connectionOf);
  }
  const removed: string[] = [];
  const removeConnection = async (connectionId: string) => void removed.push(connectionId);
  const report = () => undefined;
  const away = createFakeAway();
  const readDetails = async (topic: string, ids: readonly string[]) => {
    if (ids.length > 0) looks.push(`details of ${topic}`);
    return new Map();
  };
  const deps = { ...delivery, listWatchers, listMembers, readDetails, away, removeConnection, report };
  return { deps, told, looks, removed };
}

describe('announcePresence', () => {
  it('tells those who watch who came and who left', async () => {
    const { deps, told } = createStage({ watchers: ['w'], members: ['w', 'a', 'b'] });

    await announcePresence(deps, [event('joined', 'a'), event('left', 'z')]);

    expect(told).toEqual([{ to: 'w', joined: [memberOf('a')], left: [memberOf('z')], count: 3 }]);
  });

  it('tells a new watcher who is there, itself among them, before the index shows it', async () => {
    const { deps, told } = createStage({ members: ['a'] });

    await announcePresence(deps, [event('joined', 'n'), event('watching', 'n')]);

    const joined = [memberOf('a'), memberOf('n')];
    expect(told).toEqual([{ to: 'n', joined, left: [], count: 2, self: memberOf('n') }]);
  });

  it('looks no further where nobody watches', async () => {
    const { deps, told, looks } = createStage({ members: ['a', 'b'] });

    await announcePresence(deps, [event('joined', 'a')]);

    expect(told).toEqual([]);
    expect(looks).toEqual(['watchers of lobby']);
  });

  it('counts by the batch what the index does not show yet', async () => {
    const { deps, told } = createStage({ watchers: ['w'], members: ['w', 'gone'] });

    await announcePresence(deps, [event('left', 'gone'), event('joined', 'new')]);

    expect(told).toMatchObject([{ count: 2 }]);
  });

  it('says nothing of one that came and left within the batch, or left and came again', async () => {
    const { deps, told } = createStage({ watchers: ['w'], members: ['w', 'b'] });

    await announcePresence(deps, [event('joined', 'a'), event('left', 'a'), event('left', 'b'), event('joined', 'b')]);

    expect(told).toEqual([]);
  });

  it('does not write to a watcher that has left', async () => {
    const { deps, told } = createStage({ watchers: ['w', 'v'], members: ['w', 'v'] });

    await announcePresence(deps, [event('left', 'w')]);

    expect(told).toEqual([{ to: 'v', joined: [], left: [memberOf('w')], count: 1 }]);
  });

  it('keeps topics apart', async () => {
    const { deps, told } = createStage({ watchers: ['w'], members: ['w', 'a'] });

    await announcePresence(deps, [event('joined', 'a', 'one'), event('left', 'b', 'two')]);

    expect(told.map(({ joined, left }) => [joined, left])).toEqual([
      [[memberOf('a')], []],
      [[], [memberOf('b')]],
    ]);
  });

  it('names a bounded number of members, and counts all', async () => {
    const members = Array.from({ length: LIMITS.PRESENCE_MEMBERS + 5 }, (_, i) => `c${i}`);
    const { deps, told } = createStage({ members });

    await announcePresence(deps, [event('watching', 'c0')]);

    expect(told[0]?.joined).toHaveLength(LIMITS.PRESENCE_MEMBERS);
    expect(told[0]?.count).toBe(members.length);
  });

  it('names members so that nothing of their connection ids is shown', async () => {
    const { deps, told } = createStage({ members: ['L0SM9cOFvHcCIhw=', 'n'] });

    await announcePresence(deps, [event('watching', 'n')]);

    expect(JSON.stringify(told[0]?.joined)).not.toContain('L0SM9cOFvHcCIhw=');
    expect(told[0]?.joined.every((member) => /^[\w-]{12}$/.test(member))).toBe(true);
  });

  it('forgets a watcher that is gone', async () => {
    const { deps, removed } = createStage({ watchers: ['w'], members: ['w', 'a'] }, 'gone');
    deps.pass(CONNECT_GRACE_MS + 1);

    const { isDone } = await announcePresence(deps, [event('joined', 'a')]);

    expect(isDone).toBe(true);
    expect(removed).toEqual(['w']);
  });

  it('is not done when nobody can be reached', async () => {
    const { deps } = createStage({ watchers: ['w', 'v', 'u'], members: ['w', 'v', 'u', 'a'] }, 'failed');

    const { isDone } = await announcePresence(deps, [event('joined', 'a')]);

    expect(isDone).toBe(false);
  });
});
