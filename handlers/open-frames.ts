import { realWaiting } from '../shared/backoff.ts';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import type { FramesDeps, WritingFrame } from '../shared/http-frames/frames-deps.ts';
import type { AckFields } from '../shared/protocol/answers.ts';
import { EVERYONE } from '../shared/protocol/topic.ts';
import type { TopicWriter } from '../shared/publish/topic-writer.ts';
import { createClient } from '../shared/store/client.ts';
import { listMessages } from '../shared/store/messages.ts';
import { findHead, glanceAtHead } from '../shared/store/topics.ts';
import { increment } from './increment.ts';
import { type DoorKeepers, openWaits } from './open-door.ts';
import { openTopicSettings, openTopicWriter } from './open-stores.ts';
import { publishTo } from './publish-to.ts';

/** Opens frames by HTTP: the topics, the archive, and what the routes of the socket write by. */
export async function openFrames({ onFailure, ...keepers }: DoorKeepers & Pick<FramesDeps, 'onFailure'>) {
  const client = createClient();
  const topicsTable = requiredText(ENVIRONMENT.topicsTable);
  const archive = { client, table: requiredText(ENVIRONMENT.messagesTable) };
  const writer = await openTopicWriter();
  return {
    ...keepers,
    onFailure,
    findHead: (topic) => findHead(client, topicsTable, topic),
    glanceAtHead: (topic) => glanceAtHead(client, topicsTable, topic),
    listMessages: (range) => listMessages(archive, range),
    settingsOf: openTopicSettings(),
    write: (frame, subject) => write(writer, frame, subject),
    waiting: realWaiting,
    now: Date.now,
    ...openWaits(),
  } satisfies FramesDeps;
}

async function write(writer: TopicWriter, frame: WritingFrame, subject: string | undefined): Promise<AckFields> {
  const publisher = subject === undefined ? {} : { subject };
  switch (frame.action) {
    case 'publish':
      return publishTo(writer, frame, publisher);
    case 'onMessage':
      return publishTo(writer, { topic: EVERYONE, data: frame.message, key: frame.key }, publisher);
    case 'plus':
    case 'minus':
      return increment(writer, frame, publisher);
  }
}
