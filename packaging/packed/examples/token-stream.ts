import { textOf } from '../shows.ts';
import type { PageTrial } from './example.ts';

/** A question so long that its answer is read, reloaded and cut in the middle. */
const QUESTION = Array.from({ length: 80 }, (_, index) => `word-${index}`).join(' ');

/** Tries the example token-stream: a reload and a lost connection in the middle of an answer lose nothing of it. */
export const tryTokenStream: PageTrial = async ({ open, page, start }) => {
  const [ann, bob] = [await open(), await open()];
  const end = await start('back-end', page);
  await ann.tab.getByLabel('Question').fill(QUESTION);
  await ann.tab.getByRole('button', { name: 'Ask' }).click();
  const [answer, other] = [ann.tab.locator('#answer'), bob.tab.locator('#answer')];
  await textOf(answer, (text) => text.includes('word-1'));
  await bob.tab.goto(ann.tab.url());
  await bob.tab.reload();
  await textOf(other, (text) => text.includes('word-5'));

  bob.wire.cut();
  await ann.tab.reload();
  const whole = await textOf(answer, (text) => text.endsWith('loses nothing of it.'));
  bob.wire.mend();
  await textOf(other, (text) => text === whole);
  if (!whole.includes(QUESTION)) throw new Error(`The answer is not whole: ${whole}`);
  await end();
};
