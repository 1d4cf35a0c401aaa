import type { Publisher } from '@distributary/server';
import type { Part, Topics } from '../page/answers.ts';

/** The time in ms for which words are gathered into one part: each part is one write and one delivery. */
const GATHER_MS = 200;

/** An answer in the making. */
export interface NewAnswer {
  readonly id: string;
  readonly tokens: AsyncIterable<string>;
  /** The time in ms for which words are gathered. Default: 200. */
  readonly gatherMs?: number;
}

/**
 * Publishes an answer while it is made. Each part has a key, so a part that is published again, after a failure say,
 * counts once.
 */
export async function publishAnswer(
  publisher: Publisher<Topics>,
  { id, tokens, gatherMs = GATHER_MS }: NewAnswer,
): Promise<void> {
  let [parts, text] = [0, ''];
  let dueMs = Date.now() + gatherMs;
  const publish = async (part: Part): Promise<void> => {
    await publisher.publish(`answer/${id}`, part, { key: `${id}/${parts}` });
    [parts, text] = [parts + 1, ''];
    dueMs = Date.now() + gatherMs;
  };
  for await (const token of tokens) {
    text += token;
    if (Date.now() >= dueMs) await publish({ text, isLast: false });
  }
  await publish({ text, isLast: true });
}
