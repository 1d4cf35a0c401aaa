import { setTimeout as pause } from 'node:timers/promises';

/** The pause in ms between two words, about as a model makes them. */
const WORD_MS = 80;

/** The answer to every question. */
const ANSWER =
  'Each part of this answer is kept in its order before anybody gets it. A page that comes late reads the parts so far ' +
  'first, then the rest as it is made, and each of them once. So a reload in the middle of this answer, a second tab at ' +
  'its address, or a connection that was lost for a while loses nothing of it.';

/** Plays a model, word by word. Put the stream of yours in its place: any async iterable of texts will do. */
export async function* tokensOf(question: string): AsyncGenerator<string> {
  const words = `You asked: ${question} ${ANSWER}`.split(' ');
  for (const word of words) {
    await pause(WORD_MS);
    yield `${word} `;
  }
}
