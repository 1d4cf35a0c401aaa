import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, type Realtime } from '@distributary/client';
import { type OpenBackEnd, openPublisher } from '../back-end/open-publisher.ts';
import { publishAnswer } from '../back-end/publish-answer.ts';
import { type Answer, readAnswer, type Topics } from '../page/answers.ts';
import { type RunningApp, startApp } from './start-app.ts';

/** More words than a subscription begins with. */
const WORDS = 120;

let app: RunningApp;
let backEnd: OpenBackEnd;
const clients: Realtime<Topics>[] = [];

before(async () => {
  app = await startApp();
  backEnd = await openPublisher(app.url.replace('ws:', 'http:'));
});

after(async () => {
  for (const client of clients) client.close();
  await app.stop();
});

/** Reads an answer by a client of its own. `until` resolves to the first state of it that satisfies a condition. */
function openReader(id: string) {
  const client = connect<Topics>(app.url);
  clients.push(client);
  let answer: Answer = { text: '', isWhole: false };
  let check: () => void = () => undefined;
  readAnswer(client, id, (next) => {
    answer = next;
    check();
  });
  const until = (isMet: (answer: Answer) => boolean): Promise<Answer> =>
    new Promise((resolve) => {
      check = () => {
        if (isMet(answer)) resolve(answer);
      };
      check();
    });
  return { until };
}

test('a reader who comes in the middle gets the text so far, then the rest', async () => {
  const rest = Promise.withResolvers<void>();
  async function* tokens(): AsyncGenerator<string> {
    for (let word = 1; word <= WORDS; word++) {
      if (word === WORDS - 2) await rest.promise;
      yield `${word} `;
    }
  }
  const [early, expected] = [openReader('a'), Array.from({ length: WORDS }, (_, index) => `${index + 1} `)];
  const published = publishAnswer(backEnd.publisher, { id: 'a', tokens: tokens(), gatherMs: 0 });
  const soFar = expected.slice(0, WORDS - 3).join('');
  await early.until(({ text }) => text === soFar);

  const late = openReader('a');
  await late.until(({ text, isWhole }) => text === soFar && !isWhole);
  rest.resolve();
  await published;

  for (const reader of [early, late, openReader('a')]) {
    assert.equal((await reader.until(({ isWhole }) => isWhole)).text, expected.join(''));
  }
});
