import type { HistoryPage, Position, Realtime } from '@distributary/client';

/** A question that a page asks. */
export interface Question {
  readonly id: string;
  readonly text: string;
}

/** A part of an answer: some words, and whether they are the last ones. */
export interface Part {
  readonly text: string;
  readonly isLast: boolean;
}

/** The data of each topic, checked by the compiler. */
export interface Topics {
  questions: Question;
  'answer/*': Part;
}

/** The newest parts that a reader begins with. Older ones are fetched. */
const HISTORY = 100;

/** An answer as far as it is known. */
export interface Answer {
  readonly text: string;
  readonly isWhole: boolean;
}

/**
 * Reads an answer: the text so far, and each part as it comes. A reader may come at any time, also after a reload or
 * when the answer is whole. Returns a function that ends it.
 */
export function readAnswer(rt: Realtime<Topics>, id: string, onChange: (answer: Answer) => void): () => void {
  const parts = new Map<number, Part>();
  const subscription = rt.subscribe(`answer/${id}`, { history: HISTORY });
  const add = ({ seq, data }: { readonly seq: number; readonly data: Part }): void => {
    parts.set(seq, data);
    onChange(answerOf(parts));
  };
  let isOldest = true;
  subscription.on('message', async (message) => {
    add(message);
    if (!isOldest) return;
    isOldest = false;
    // A long answer has more parts than a subscription begins with.
    let before: Position | undefined = message.seq > 1 ? { epoch: message.epoch, seq: message.seq } : undefined;
    while (before !== undefined) {
      const page: HistoryPage<Part> = await subscription.history({ before });
      page.messages.forEach(add);
      before = page.before;
    }
  });
  return () => subscription.unsubscribe();
}

function answerOf(parts: ReadonlyMap<number, Part>): Answer {
  const ordered = [...parts].toSorted(([a], [b]) => a - b);
  const [lastSeq, last] = ordered.at(-1) ?? [0, undefined];
  return {
    text: ordered.map(([, { text }]) => text).join(''),
    isWhole: last?.isLast === true && parts.size === lastSeq,
  };
}
