import { ClientError } from '../shared/errors.ts';
import { setPresenceFrame } from '../shared/protocol/client-frames.ts';
import { encodeData } from '../shared/protocol/decode-frame.ts';
import { LIMITS } from '../shared/protocol/limits.ts';
import { setState } from '../shared/store/member-state.ts';
import { openSubscriptionsTable } from './open-stores.ts';
import { route } from './route.ts';

const subscriptions = openSubscriptionsTable();

const STATE = { field: 'state', maxBytes: LIMITS.MEMBER_STATE_BYTES } as const;

/**
 * Handles `setPresence`: writes the state of the sender's member into the record of its subscription, by one write. The
 * `members` frames are caused by the change record of it, not by this Lambda.
 */
export const handler = route('setPresence', {
  schema: setPresenceFrame,
  write: async ({ topic, state }, caller) => {
    if (caller.subject === undefined) {
      throw new ClientError('forbidden', 'Only a member that is authenticated has a state.');
    }
    await setState(subscriptions, caller, { topic, state: state === null ? undefined : encodeData(state, STATE) });
    return { topic };
  },
});
