import { readdirSync } from 'node:fs';
import { invokeRoute } from '../helpers/invoke-route.ts';
import { setLambdaEnvironment } from '../helpers/lambda-environment.ts';

/** An address where nothing listens: a malformed frame must be answered before any table is asked. */
const NOWHERE = 'http://127.0.0.1:1';

/** All of handlers/ that export a route. */
const ROUTES = ['default', 'minus', 'on-message', 'ping', 'plus', 'publish', 'subscribe', 'unsubscribe'] as const;

const MALFORMED = [
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '7',
  '{"data":',
  '{"action":{}}',
  '{"action":"no","topic":[]}',
  '\u0000',
];

/** simple-websockets-chat-app parses outside any try: the Lambda fails, and the client learns nothing, or a stack. */
describe('sample app bug 5: a malformed frame is answered', () => {
  let restore: () => void;

  beforeAll(() => {
    restore = setLambdaEnvironment({ dynamodb: NOWHERE });
  });

  afterAll(() => restore());

  it.each(ROUTES)('by %s, each with one error that has a code and no inside', async (route) => {
    const { handler }: { handler: unknown } = await import(`../../handlers/${route}.ts`);

    const answers = await Promise.all(MALFORMED.map((text) => invokeRoute(handler, text)));

    for (const answer of answers) {
      expect(answer).toMatchObject({
        type: 'error',
        code: expect.stringMatching(/^(bad-json|bad-frame|unknown-action)$/),
      });
      expect(JSON.stringify(answer)).not.toMatch(/stack|\.ts:|SyntaxError|TypeError|arn:/);
    }
  });

  it('by every route there is', () => {
    const files = readdirSync(new URL('../../handlers', import.meta.url));

    expect(files).toEqual(expect.arrayContaining(ROUTES.map((route) => `${route}.ts`)));
  });
});
