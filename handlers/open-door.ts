import { realWaiting } from '../shared/backoff.ts';
import { ENVIRONMENT, requiredCount, requiredText } from '../shared/config.ts';
import type { DoorDeps } from '../shared/http-door/door-deps.ts';
import { createNews } from '../shared/http-door/news.ts';
import { shareReads } from '../shared/share-reads.ts';
import { createClient, createUnretriedClient } from '../shared/store/client.ts';
import { readSlice } from '../shared/store/stream-messages.ts';
import { createStreamStore } from '../shared/store/streams.ts';
import { traceIdIn } from '../shared/store/trace-id.ts';
import { checkData } from '../shared/topics/check-data.ts';
import { createAdmission } from './admission.ts';
import type { FramesDeps } from '../shared/http-frames/frames-deps.ts';
import { loadDefinitions, newEpoch, openTopicSettings } from './open-stores.ts';

const MS_PER_SECOND = 1_000;

/** The checks that streams and frames by HTTP have in common. */
export type DoorKeepers = Pick<FramesDeps, 'authenticate' | 'count'>;

/** Opens the HTTP door: the streams, the archive, and who may use them. */
export async function openDoor({ authenticate, count }: DoorKeepers): Promise<DoorDeps> {
  const client = createClient();
  const streams = createStreamStore({
    client,
    unretriedClient: createUnretriedClient(),
    topicsTable: requiredText(ENVIRONMENT.topicsTable),
    now: Date.now,
    newEpoch,
    traceId: () => traceIdIn(process.env['_X_AMZN_TRACE_ID']),
  });
  const archive = { client, table: requiredText(ENVIRONMENT.messagesTable), now: Date.now };
  const settingsOf = openTopicSettings();
  const definitions = await loadDefinitions();
  // Readers who wait in one process ask again at the same moment, after a message.
  const findShared = shareReads((topic) => streams.find(topic));
  return {
    streams: { ...streams, find: (topic, options) => (options ? streams.find(topic, options) : findShared(topic)) },
    readSlice: (state, range) => readSlice(archive, state, range),
    waitForNews: createNews({
      look: (topic) => streams.find(topic, { consistent: false }),
      now: Date.now,
      sleep: realWaiting.sleep,
    }),
    checkValues: async (topic, messages) => {
      if (definitions !== undefined) await checkData(definitions, { topic, messages, isList: true });
    },
    settingsOf,
    mayCreate: (topic) => settingsOf(topic).create !== 'server',
    admit: createAdmission(authenticate, Date.now),
    count,
    ...openWaits(),
    now: Date.now,
    random: Math.random,
  };
}

/** Reads how long an answer waits for news. */
export const openWaits = (): Pick<DoorDeps, 'longPollMs' | 'eventsMs'> => ({
  longPollMs: requiredCount(ENVIRONMENT.longPollSeconds) * MS_PER_SECOND,
  eventsMs: requiredCount(ENVIRONMENT.eventsSeconds) * MS_PER_SECOND,
});
