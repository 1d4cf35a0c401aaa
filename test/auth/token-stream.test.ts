import { DurableStream, stream } from '@durable-streams/client';
import { authenticatedUrl, EVERYTHING, tokenFor } from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';

/** The tokens of an answer of a model, with characters of several bytes. */
const TOKENS = Array.from({ length: 120 }, (_, index) => `${index}·größe `);
const TEXT = TOKENS.join('');
const BATCH = 20;

const urlOf = (topic: string): string =>
  new URL(`/v1/stream/${topic}`, authenticatedUrl().replace('ws:', 'http:')).href;

const headersFor = async (sub: string) => ({ Authorization: `Bearer ${await tokenFor({ ...EVERYTHING, sub })}` });

/** The part of a text that a reader has, and where it goes on. */
interface Page {
  readonly text: string;
  readonly offset: string;
}

const NOTHING: Page = { text: '', offset: '-1' };

/** Reads on from a page until the stream is closed, or until `isEnough`, as a page does that is then left. */
async function readOn(url: string, from: Page, isEnough: (page: Page) => boolean = () => false): Promise<Page> {
  const [left, ended] = [new AbortController(), Promise.withResolvers<undefined>()];
  const headers = await headersFor('reader');
  const response = await stream({ url, headers, offset: from.offset, live: 'long-poll', signal: left.signal });
  let page = from;
  // The client's `closed` resolves before the last piece comes, so the piece itself tells.
  response.subscribeText(({ text, offset, streamClosed }) => {
    if (left.signal.aborted) return;
    page = { text: page.text + text, offset };
    if (streamClosed || isEnough(page)) ended.resolve(undefined);
  });
  response.closed.catch(ended.reject);
  await ended.promise;
  left.abort();
  return page;
}

describe('a text that a model writes token by token', () => {
  it('is read whole and once by the protocol’s own client, however late it comes, and after a reload', async () => {
    const url = urlOf(unusedName('answer'));
    const answer = await DurableStream.create({ url, headers: await headersFor('model'), contentType: 'text/plain' });
    const write = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += BATCH) await answer.append(TOKENS.slice(at, at + BATCH).join(''));
    };

    await write(0, 40);
    const early = readOn(url, NOTHING);
    const beforeReload = await readOn(url, NOTHING, ({ text }) => text.length > 0);
    await write(40, 100);
    const late = readOn(url, NOTHING);
    const reloaded = readOn(url, beforeReload);
    await write(100, TOKENS.length);
    await answer.close();
    const after = await readOn(url, NOTHING);

    expect(TEXT.startsWith(beforeReload.text)).toBe(true);
    expect((await early).text).toBe(TEXT);
    expect((await late).text).toBe(TEXT);
    expect((await reloaded).text).toBe(TEXT);
    expect(after.text).toBe(TEXT);
  });
});
