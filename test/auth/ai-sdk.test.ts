import { createDurableChatTransport } from '@durable-streams/aisdk-transport';
import { readUIMessageStream, type UIMessageChunk } from 'ai';
import { startAiApp } from '../helpers/ai-app.ts';
import { authenticatedUrl, EVERYTHING, tokenFor } from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';
import type { HttpServer } from '../helpers/http-server.ts';

const WORDS = Array.from({ length: 60 }, (_, index) => `${index}·größe `);

/** The number of words that the model writes before the page is reloaded. */
const BEFORE_RELOAD = 20;

const reloaded = Promise.withResolvers<undefined>();

/** Yields the answer of a model in the parts of the AI SDK, the rest of it when the page was reloaded. */
async function* answer(): AsyncGenerator<UIMessageChunk> {
  yield { type: 'start', messageId: 'answer-1' };
  yield { type: 'text-start', id: 't1' };
  for (const [index, delta] of WORDS.entries()) {
    if (index === BEFORE_RELOAD) await reloaded.promise;
    yield { type: 'text-delta', id: 't1', delta };
  }
  yield { type: 'text-end', id: 't1' };
  yield { type: 'finish' };
}

let app: HttpServer;

beforeAll(async () => {
  const streamUrl = new URL(`/v1/stream/${unusedName('chat')}`, authenticatedUrl().replace('ws:', 'http:')).href;
  const headers = { Authorization: `Bearer ${await tokenFor({ ...EVERYTHING, sub: 'model' })}` };
  app = await startAiApp({ streamUrl, headers, answer });
});

afterAll(() => app.close());

/** Reads a stream of the transport. Resolves to the text of the message, once it is long enough or at its end. */
async function textOf(stream: ReadableStream<UIMessageChunk>, length = Number.POSITIVE_INFINITY): Promise<string> {
  let text = '';
  for await (const { parts } of readUIMessageStream({ stream })) {
    text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    if (text.length >= length) break;
  }
  return text;
}

describe('the transport of @durable-streams for the AI SDK', () => {
  it('shows an answer whole and once after a reload, and to one who comes when it is over', async () => {
    const transport = () => createDurableChatTransport({ api: `${app.url}/api/chat` });
    const message = { id: 'question-1', role: 'user', parts: [{ type: 'text', text: 'How?' }] } as const;
    const request = {
      chatId: 'chat-1',
      messageId: undefined,
      abortSignal: undefined,
      trigger: 'submit-message',
    } as const;
    const before = WORDS.slice(0, BEFORE_RELOAD).join('');

    const first = await transport().sendMessages({ ...request, messages: [{ ...message, parts: [...message.parts] }] });
    const shown = await textOf(first, before.length);
    const resumed = await transport().reconnectToStream({ chatId: 'chat-1' });
    reloaded.resolve(undefined);
    const whole = await textOf(resumed ?? first);
    const late = await transport().reconnectToStream({ chatId: 'chat-1' });

    expect(shown).toBe(before);
    expect(whole).toBe(WORDS.join(''));
    expect(await textOf(late ?? first)).toBe(WORDS.join(''));
  }, 120_000);
});
