import { seededRandom } from './seeded-random.ts';

/** The data of message number `message` of a run. */
export interface Payload {
  readonly message: number;
  readonly text: string;
}

/** Characters of the longest text: several messages of a batch do not fit one frame then. */
const TEXT_MAXIMUM = 4_000;

/** Most are short. */
const LONG_SHARE = 0.05;
const SHORT_MAXIMUM = 120;

/** Made anew wherever it is needed, so that nothing of a run's content has to be kept. */
export function payloadOf(seed: string, message: number): Payload {
  const random = seededRandom(`${seed}/payload/${message}`);
  const length = random.below(random.next() < LONG_SHARE ? TEXT_MAXIMUM : SHORT_MAXIMUM);
  const word = random.pick(['delta ', 'mündung ', '河口 ', '"quoted" ', 'a\\b ', '🌊 ']);
  return { message, text: word.repeat(Math.ceil(length / word.length)) };
}

/** The number of the message that these data are of; undefined when they are not, as a whole, those of a message. */
export function messageIn(seed: string, data: unknown): number | undefined {
  if (typeof data !== 'object' || data === null || !('message' in data) || typeof data.message !== 'number') return;
  return JSON.stringify(data) === JSON.stringify(payloadOf(seed, data.message)) ? data.message : undefined;
}
