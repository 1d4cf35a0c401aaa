import type { MemberFields } from '../../protocol/server-frames.ts';
import type { MemberDetails } from '../../store/member-details.ts';
import { type MemberConnection, memberOf } from '../../store/presence.ts';
import { isEarlier } from './decide-members.ts';

/** Number of connections of one member whose details a list reads: of the newest ones. */
const READ_CONNECTIONS = 3;

/** Reads what the records of connections of a topic say of their members. */
export type ReadDetails = (
  topic: string,
  connectionIds: readonly string[],
) => Promise<ReadonlyMap<string, MemberDetails>>;

/** Returns the id of a member for other clients: its subject, or the name of an anonymous connection. */
export const idOf = ({ subject, connectionId }: MemberConnection): string => subject ?? memberOf(connectionId);

/** Returns a member as frames have it. A member without a profile or a state lacks the field. */
export function fieldsOf(id: string, { profile, state }: MemberDetails): MemberFields {
  return {
    id,
    ...(profile === undefined ? {} : { profile: parse(profile) }),
    ...(state === undefined ? {} : { state: parse(state) }),
  };
}

/** Returns a change of a member's state as frames have it: `null` for a state that has ended. */
export const stateOf = (id: string, { state }: MemberDetails): MemberFields => ({
  id,
  state: state === undefined ? null : parse(state),
});

/**
 * Reads members by their connections. The profile is that of the newest connection, the state the one that was set or
 * ended last. Anonymous members have neither, and cost no read.
 */
export async function readMembers(
  read: ReadDetails,
  topic: string,
  members: readonly (readonly MemberConnection[])[],
): Promise<readonly MemberFields[]> {
  const newest = members.map((connections) =>
    connections.toSorted((one, other) => (isEarlier(one, other) ? 1 : -1)).slice(0, READ_CONNECTIONS),
  );
  const named = newest.flat().filter(({ subject }) => subject !== undefined);
  const found = await read(
    topic,
    named.map(({ connectionId }) => connectionId),
  );
  return newest.flatMap((connections) => {
    const [first] = connections;
    const details = connections.flatMap(({ connectionId }) => found.get(connectionId) ?? []);
    return first === undefined ? [] : [fieldsOf(idOf(first), newestOf(details))];
  });
}

/** Unites the details of one member's connections, the newest connection first. */
function newestOf(details: readonly MemberDetails[]): MemberDetails {
  const stated = details.toSorted((one, other) => (other.statedAt ?? 0) - (one.statedAt ?? 0));
  return { profile: details.find(({ profile }) => profile !== undefined)?.profile, state: stated[0]?.state };
}

const parse = (json: string): unknown => JSON.parse(json);
