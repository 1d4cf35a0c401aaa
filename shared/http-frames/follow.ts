import { recover } from '../fanout/catch-up/recover.ts';
import { encodeRecovery } from '../fanout/catch-up/recovery-frames.ts';
import { encodeChange, encodeMessage } from '../fanout/stream-records.ts';
import type { Head } from '../store/head.ts';
import { checkAgain } from './check-again.ts';
import type { Known } from './followed-topics.ts';
import { FRAMES_BOUNDS } from './frames-bounds.ts';
import type { FramesDeps } from './frames-deps.ts';
import type { FramesSession } from './frames-session.ts';

/**
 * Yields the frames of what comes in the followed topics, until a time, and undefined where nothing came for a while.
 * Ends before what comes after the token's end, or after a revocation, with an error that says so.
 */
export async function* follow(
  deps: FramesDeps,
  session: FramesSession,
  untilMs: number,
): AsyncGenerator<string | undefined, void, undefined> {
  let heardMs = deps.now();
  while (deps.now() < untilMs) {
    await deps.waiting.sleep(FRAMES_BOUNDS.LOOK_MS * Math.ceil(session.followed.size / FRAMES_BOUNDS.TOPICS_PER_LOOK));
    const changed = await look(deps, session);
    const checked = changed.length === 0 ? session : await checkAgain(deps, session);
    if ('refusal' in checked) return yield checked.refusal;
    let hasCome = false;
    for (const change of changed) {
      for await (const frame of framesOf(deps, session, change)) {
        hasCome = true;
        yield frame;
      }
    }
    // News may have no frame yet: the archive does not have the message.
    if (hasCome && session.isPoll) return;
    if (hasCome) heardMs = deps.now();
    if (deps.now() - heardMs < FRAMES_BOUNDS.QUIET_MS) continue;
    heardMs = deps.now();
    yield undefined;
  }
}

/** A topic with news for the client. */
interface Changed {
  readonly known: Known;
  readonly head: Head;
}

async function look(deps: FramesDeps, { followed }: FramesSession): Promise<readonly Changed[]> {
  const changed = await Promise.all(
    followed.topics.map(async (topic): Promise<readonly Changed[]> => {
      const known = followed.get(topic);
      const seen = await deps.glanceAtHead(topic);
      if (known === undefined || seen === undefined || !hasNews(known, seen)) return [];
      // A cheap read may be of an epoch that is over.
      const head = seen.epoch === known.epoch ? seen : await deps.findHead(topic);
      return head !== undefined && hasNews(known, head) ? [{ known, head }] : [];
    }),
  );
  return changed.flat();
}

const hasNews = (known: Known, head: Head): boolean =>
  head.epoch !== known.epoch || head.seq > known.seq || (isClosed(head) && !known.isClosed);

const isClosed = (head: Head): boolean => head.kind === 'message' && head.closed === true;

/** Yields the frames of a topic's news, and notes that the client has them. */
async function* framesOf(
  deps: FramesDeps,
  { followed }: FramesSession,
  { known, head }: Changed,
): AsyncGenerator<string, void, undefined> {
  const { topic } = head;
  const recovery = await recover(asItCame(deps), head, { position: known });
  const { epoch, seq, messages } = recovery;
  if (head.kind === 'counter') {
    followed.set(topic, { epoch, seq, isClosed: false });
    return yield encodeChange({ head, shards: 1, streamSequenceNumber: '' });
  }
  followed.set(topic, { epoch, seq, isClosed: isClosed(head) && seq === head.seq });
  if (!recovery.recovered || recovery.lastValueOnly === true)
    return yield* encodeRecovery(recovery, { topic, connectionId: '' });
  for (const message of messages) {
    yield encodeMessage(message.seq === head.seq ? { ...message, closed: head.closed } : message);
  }
  // Closed after its last message: that one comes again, and says so.
  if (messages.length === 0 && isClosed(head) && seq === head.seq) yield encodeMessage(head);
}

/** Returns the dependencies for a client that has been there: `history` bounds only what one that comes can read. */
const asItCame = (deps: FramesDeps): FramesDeps => ({
  ...deps,
  settingsOf: (topic) => ({ lastValueOnly: deps.settingsOf(topic).lastValueOnly }),
});
