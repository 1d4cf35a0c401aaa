import { connect } from '@distributary/client';
import type { Topics } from '../page/answers.ts';
import { tokensOf } from './model.ts';
import { openPublisher } from './open-publisher.ts';
import { publishAnswer } from './publish-answer.ts';

// Answers each question that a page asks, until Ctrl-C: npm run back-end, or npm run back-end -- http://127.0.0.1:4100
const [page = 'http://127.0.0.1:4000'] = process.argv.slice(2);
const { publisher, url } = await openPublisher(page);
const questions = connect<Topics>(url).subscribe('questions');

questions.on('subscribed', () => console.log(`Answering the questions of ${page}`));
questions.on('message', ({ data: { id, text } }) => {
  publishAnswer(publisher, { id, tokens: tokensOf(text) }).catch((error: unknown) => console.error(error));
});
