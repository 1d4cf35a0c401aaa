import type { MembersFrame, PresenceFrame } from '../../shared/protocol/server-frames.ts';
import { Members } from './members.ts';
import { OwnState, type OwnStateDeps } from './own-state.ts';
import { RealtimeError } from './realtime-error.ts';
import type { SubscriptionHandles } from './subscription-handles.ts';
import type { Member, OwnPresence, Presence } from './types.ts';

/** The presence of one topic: its members, and the state of this client's own one. */
export class TopicPresence implements OwnPresence {
  readonly #topic: string;
  readonly #handles: SubscriptionHandles;
  readonly #ownState: OwnState;
  #members = new Members();
  /** Whether the connection is new since the last answer: the server knows no state of it. */
  #isNewConnection = true;

  constructor(topic: string, handles: SubscriptionHandles, deps: OwnStateDeps) {
    this.#topic = topic;
    this.#handles = handles;
    this.#ownState = new OwnState(deps, topic);
  }

  /** The members by their ids; undefined before the first list. */
  get current(): Presence | undefined {
    return this.#members.presence;
  }

  get members(): readonly Member[] {
    return this.#members.all;
  }

  /** Forgets the members: no handle asks for them any more. */
  forget(): void {
    this.#members = new Members();
  }

  /** Sets the state of this client's member. */
  set(state: unknown): void {
    this.#ownState.set(state);
  }

  connectionReplaced(): void {
    this.#isNewConnection = true;
  }

  /** Sends the state that is due, since the connection is subscribed to the topic now. */
  subscribed(): void {
    this.#ownState.resume(this.#isNewConnection);
    this.#isNewConnection = false;
  }

  receive(frame: PresenceFrame | MembersFrame): void {
    const changed = this.#handles.options.presence ? this.#members.take(frame) : undefined;
    const { current } = this;
    if (changed === undefined || current === undefined) return;
    const { joined, left, updated } = changed;
    for (const member of joined) this.#handles.emit('join', member, true);
    for (const member of left) this.#handles.emit('leave', member, true);
    for (const member of updated) this.#handles.emit('update', member, true);
    if (frame.type === 'members') return;
    const ids = { topic: this.#topic, joined: joined.map(idOf), left: left.map(idOf) };
    this.#handles.emit('presence', { ...ids, ...current }, true);
  }
}

/** Returns the access to this client's own state in a topic, whose presence is found at each use. */
export const ownPresence = (topic: string, find: () => OwnPresence | undefined): OwnPresence => ({
  set(state) {
    const presence = find();
    if (presence === undefined) throw new RealtimeError('not-subscribed', `Subscribe to ${topic} first.`);
    presence.set(state);
  },
});

const idOf = ({ id }: Member): string => id;
