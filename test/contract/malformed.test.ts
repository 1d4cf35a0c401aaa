import { ERROR_CODES } from '../../shared/protocol/error-codes.ts';
import { contractTarget } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';
import { MALFORMED_CORPUS, malformedFrames } from '../helpers/malformed-frames.ts';

/** Number of frames in flight at once: a hasty client, but below the rate that a deployed stage gives each route. */
const WINDOW = 10;
const GENERATED = 5_000;

/** Number of frames of one connection: below what it may send at a stretch. */
const OF_ONE = 500;
const SEED = 20_261_121;

/** The pattern of internal words, which no answer may contain. */
const INSIDE = /stack|node_modules|\.ts\b|\.mjs|arn:|dynamo|table|at .*\(|Error:|requestId/i;

const errorsOf = (client: Dialogue): Frame[] => client.heard.filter(({ type }) => type === 'error');

describe('malformed frames', () => {
  const target = contractTarget();
  afterAll(() => target.cutAll());

  test.each(MALFORMED_CORPUS)('%j is answered once, with %s, and the connection stays open', async (text, code) => {
    const client = await target.client();

    client.say(text);
    const error = await client.hear({ type: 'error' });
    const alive = await client.ask({ action: 'ping' });

    expect(error).toMatchObject({ code, message: expect.any(String) });
    expect(JSON.stringify(error).length).toBeLessThan(2_000);
    expect(alive).toMatchObject({ type: 'pong' });
    expect(client.heard).toHaveLength(2);
    await client.close();
  });

  test('the error names the id and the action of its frame', async () => {
    const client = await target.client();

    const error = await client.ask({ action: 'publish', topic: 'a b', data: 1 });

    expect(error).toMatchObject({
      code: 'bad-topic',
      action: 'publish',
      details: [{ path: 'topic', reason: expect.any(String) }],
    });
  });

  test(`${GENERATED} generated frames get exactly one error each, and nothing internal is revealed`, async () => {
    const all = malformedFrames(GENERATED, SEED);

    for (let first = 0; first < all.length; first += OF_ONE) {
      const client = await target.client();
      const frames = all.slice(first, first + OF_ONE);
      for (let sent = 0; sent < frames.length; sent += WINDOW) {
        for (const text of frames.slice(sent, sent + WINDOW)) client.say(text);
        await client.count(Math.min(sent + WINDOW, frames.length));
      }
      const alive = await client.ask({ action: 'ping' });

      expect(alive).toMatchObject({ type: 'pong' });
      expect(errorsOf(client)).toHaveLength(frames.length);
      expect(client.heard).toHaveLength(frames.length + 1);
      for (const { code, message } of errorsOf(client)) {
        expect(Object.keys(ERROR_CODES)).toContain(code);
        expect(code).not.toBe('rate-limited');
        expect(message).not.toMatch(INSIDE);
      }
      await client.close();
    }
  });
});
