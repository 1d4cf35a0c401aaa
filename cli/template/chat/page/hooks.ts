import { createHooks } from '@distributary/react';

/** The types of the topics: what is said in a room is a text. */
export interface Topics {
  'room/*': string;
}

/** The hooks that know these types. */
export const { RealtimeProvider, useConnection, usePresence, useTopic } = createHooks<Topics>();
