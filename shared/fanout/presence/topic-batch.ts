import type { AwayCheck } from '../../store/away.ts';
import type { Arrival, PresenceEvent, StateChange, Watcher } from '../../store/presence.ts';

/** The moves of one connection in a batch. */
export interface Move {
  /** The connection, as its last record shows it. */
  readonly connection: Arrival['connection'];
  readonly first: Arrival['kind'];
  readonly last: Arrival['kind'];
  /** Whether a state ended with the connection. */
  readonly endedState: boolean;
}

/** The presence events of one topic in a batch. */
export interface TopicBatch {
  readonly topic: string;
  /** The moves of each connection, by its id. */
  readonly moves: ReadonlyMap<string, Move>;
  readonly newWatchers: ReadonlyMap<string, Watcher>;
  /** The newest state of each subject that has set or ended one. */
  readonly states: ReadonlyMap<string, StateChange['connection']>;
  /** The newest check of members that are away. */
  readonly check: AwayCheck | undefined;
}

interface Gathered extends TopicBatch {
  readonly moves: Map<string, Move>;
  readonly newWatchers: Map<string, Watcher>;
  readonly states: Map<string, StateChange['connection']>;
  check: AwayCheck | undefined;
}

/** Gathers the events of a batch by topic, in order. */
export function byTopic(events: readonly PresenceEvent[]): readonly TopicBatch[] {
  const topics = new Map<string, Gathered>();
  for (const event of events) {
    const { topic } = event;
    const own = topics.get(topic) ?? {
      topic,
      moves: new Map<string, Move>(),
      newWatchers: new Map<string, Watcher>(),
      states: new Map<string, StateChange['connection']>(),
      check: undefined,
    };
    topics.set(topic, own);
    gather(own, event);
  }
  return [...topics.values()];
}

function gather(own: Gathered, event: PresenceEvent): void {
  switch (event.kind) {
    case 'watching':
      own.newWatchers.set(event.connection.connectionId, event.connection);
      return;
    case 'due':
      own.check = event;
      return;
    case 'stated':
      return gatherState(own, event.connection);
    case 'joined':
    case 'left':
      own.moves.set(event.connection.connectionId, moveAfter(own.moves.get(event.connection.connectionId), event));
  }
}

function gatherState({ states }: Gathered, connection: StateChange['connection']): void {
  const { subject, statedAt = 0 } = connection;
  if (subject === undefined || statedAt < (states.get(subject)?.statedAt ?? 0)) return;
  states.set(subject, connection);
}

const moveAfter = (before: Move | undefined, { kind, connection }: Arrival): Move => ({
  connection,
  first: before?.first ?? kind,
  last: kind,
  endedState: before?.endedState === true || (kind === 'left' && connection.state !== undefined),
});
