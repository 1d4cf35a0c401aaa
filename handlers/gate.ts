import { fromContext } from '../shared/auth/authorizer-context.ts';
import { checkNeeds, type Need, type Principal } from '../shared/auth/permissions.ts';
import { ClientError } from '../shared/errors.ts';

/** The dependencies of a gate. */
export interface GateDeps {
  /** Whether the stack authenticates its connections. */
  readonly isOn: boolean;
  /** Returns the time in epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Checks a frame or a handshake by the authorizer's context of its event, without a read. Returns the connection's
 * principal; undefined in a stack that does not authenticate. Throws ClientError: `token-expired`, or `forbidden` for a
 * need that is not permitted. An event without a principal is forbidden everything.
 */
export type Gate = (context: unknown, needs: readonly Need[]) => Principal | undefined;

/** Creates the gate of a Lambda. */
export const createGate =
  ({ isOn, now }: GateDeps): Gate =>
  (context, needs) => {
    if (!isOn) return undefined;
    const principal = fromContext(context);
    if (principal === undefined) throw new ClientError('forbidden', 'The connection was not authenticated.');
    checkNeeds(principal, needs, now());
    return principal;
  };
