import { createNewest } from '../../newest.ts';
import { runBounded } from '../../run-bounded.ts';
import type { ConnectionRef } from '../../store/connection-record.ts';

/** Number of connections whose end is recorded at once. */
const END_CONCURRENCY = 8;
/** Number of connections whose recorded end a warm Lambda remembers; the oldest is forgotten, and recorded again. */
export const REMEMBERED_ENDS = 10_000;

/** A connection with the time in epoch milliseconds at which its token ends, if it ever does. */
interface Tokened extends ConnectionRef {
  readonly tokenEnd?: number | undefined;
}

/** Records that connections are to end, each once. Never rejects. */
export type EndConnections = (connections: readonly ConnectionRef[]) => Promise<void>;

/** Whether the token of a connection has ended: nothing is delivered to it from then on. */
export const hasEnded = ({ tokenEnd }: { readonly tokenEnd?: number | undefined }, nowMs: number): boolean =>
  tokenEnd !== undefined && tokenEnd <= nowMs;

/** Separates the subscribers whose tokens have ended from the others. Without any, the list is returned as it is. */
export function withoutEnded<S extends Tokened>(
  subscribers: ReadonlyMap<string, readonly S[]>,
  nowMs: number,
): { readonly live: ReadonlyMap<string, readonly S[]>; readonly ended: readonly S[] } {
  const isOver = (subscriber: S): boolean => hasEnded(subscriber, nowMs);
  const ended = Array.from(subscribers.values(), (own) => own.filter(isOver)).flat();
  if (ended.length === 0) return { live: subscribers, ended };
  const live = Array.from(subscribers, ([topic, own]) => [topic, own.filter((each) => !isOver(each))] as const);
  return { live: new Map(live), ended };
}

/** The dependencies of having connections ended. */
export interface EndsDeps {
  /** Records that a connection is to end. */
  readonly note: (connection: ConnectionRef) => Promise<void>;
  /** Receives a failure. The next delivery that is due to the connection records its end anew. */
  readonly onFailure: (connection: ConnectionRef, error: unknown) => void;
}

/** Creates the function that has connections ended: one write for each, however many frames are due to it. */
export function createEnds({ note, onFailure }: EndsDeps): EndConnections {
  const noted = createNewest<string, true>(REMEMBERED_ENDS);
  const end = async (connection: ConnectionRef): Promise<void> => {
    const { connectionId } = connection;
    if (noted.get(connectionId) !== undefined) return;
    noted.set(connectionId, true);
    try {
      await note(connection);
    } catch (error) {
      noted.delete(connectionId);
      onFailure(connection, error);
    }
  };
  return async (connections) => {
    await runBounded(connections, END_CONCURRENCY, end);
  };
}
