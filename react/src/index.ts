'use client';

import { createHooks } from './create-hooks.ts';

export { createHooks };
export type { Hooks, ProviderProps } from './create-hooks.ts';
export type { ConnectionView } from './connection.ts';
export type { CounterView } from './counter.ts';
export type { PresenceView } from './presence.ts';
export type { Publish } from './publish.ts';
export type { TopicOptions, TopicView } from './topic.ts';

/** The hooks for topics of any name and type, and their provider. */
export const { RealtimeProvider, useTopic, useCounter, usePresence, useConnection, usePublish } =
  /* @__PURE__ */ createHooks();
