import { setTimeout as pause } from 'node:timers/promises';

/** The pause in ms between two words, about as a model makes them. */
const WORD_MS = 80;

/** Plays a model, word by word. Put the stream of yours in its place: any async iterable of texts will do. */
export async function* tokensOf(question: string): AsyncGenerator<string> {
  const words = `You asked: ${question} A reload in the middle of this answer loses nothing of it.`.split(' ');
  for (const word of words) {
    await pause(WORD_MS);
    yield `${word} `;
  }
}
