import type { PostOutcome } from '../../shared/post/post.ts';
import { announcePresence, type PresenceDeps } from '../../shared/fanout/presence/presence.ts';
import { membersFrame, presenceFrame } from '../../shared/protocol/server-frames.ts';
import type { MemberDetails } from '../../shared/store/member-details.ts';
import type { MemberConnection, PresenceEvent } from '../../shared/store/presence.ts';
import { createFakeAway, type FakeAway } from './fake-away.ts';
import { createFakeDelivery } from './fake-delivery.ts';

/** A frame that a watcher was sent. */
interface ToldFrame {
  readonly to: string;
  readonly frame: ReturnType<typeof presenceFrame.parse> | ReturnType<typeof membersFrame.parse>;
}

/** A topic with its index, its records and its watchers, in memory. */
export interface PresenceStage {
  readonly deps: PresenceDeps;
  readonly away: FakeAway;
  /** The connections that the index shows, by id. */
  readonly rows: Map<string, MemberConnection & MemberDetails>;
  readonly watchers: Map<string, MemberConnection>;
  readonly told: ToldFrame[];
  /** The reads that were made, in order. */
  readonly looks: string[];
  /** The outcome of the following posts. */
  outcome: PostOutcome;
  readonly pass: (ms: number) => void;
  /** Announces the events of a batch. */
  readonly announce: (...events: PresenceEvent[]) => Promise<void>;
  /** Brings the check of the clock of a topic, if it is set. */
  readonly tick: (topic?: string) => Promise<void>;
}

/** Returns a connection of a subject. Later ones have higher numbers in their ids: `ann-2`. */
export const connectionOf = (connectionId: string): MemberConnection => {
  const [subject = '', number = '1'] = connectionId.split('-');
  return { connectionId, connectedAt: Number(number), subject };
};

/** Returns an event of a subject's connection. */
export const presenceEvent = (
  kind: 'joined' | 'left' | 'watching' | 'stated',
  connectionId: string,
  details: MemberDetails = {},
): PresenceEvent => ({ kind, topic: 'lobby', connection: { ...connectionOf(connectionId), ...details } });

/** Creates a stage with one watcher, the subject `wil`, who is no subscriber. */
export function createPresenceStage(): PresenceStage {
  const told: ToldFrame[] = [];
  const looks: string[] = [];
  const rows: PresenceStage['rows'] = new Map();
  const watchers: PresenceStage['watchers'] = new Map([['wil', connectionOf('wil')]]);
  const away = createFakeAway();
  const delivery = createFakeDelivery((to, text) => {
    const frame: unknown = JSON.parse(text);
    const members = membersFrame.safeParse(frame);
    if (stage.outcome === 'delivered') told.push({ to, frame: members.data ?? presenceFrame.parse(frame) });
    return stage.outcome;
  });
  const deps: PresenceDeps = {
    ...delivery,
    away,
    listWatchers: async function* () {
      yield* watchers.values();
    },
    listMembers: async function* () {
      looks.push('members');
      yield* rows.values();
    },
    readDetails: async (_, ids) => {
      if (ids.length > 0) looks.push(`details of ${ids.join(' ')}`);
      return new Map(ids.flatMap((id) => (rows.has(id) ? [[id, { ...rows.get(id) }] as const] : [])));
    },
    removeConnection: async () => undefined,
    report: () => undefined,
  };
  const announce = async (...events: PresenceEvent[]): Promise<void> => void (await announcePresence(deps, events));
  const stage: PresenceStage = {
    deps,
    away,
    rows,
    watchers,
    told,
    looks,
    outcome: 'delivered',
    pass: delivery.pass,
    announce,
    tick: async (topic = 'lobby') => {
      if (away.clocks.has(topic)) await announce(away.check(topic));
    },
  };
  return stage;
}
