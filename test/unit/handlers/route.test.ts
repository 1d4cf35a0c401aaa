import { route } from '../../../handlers/route.ts';
import { unsubscribeFrame } from '../../../shared/protocol/client-frames.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { lambdaContext, messageEvent } from '../../helpers/lambda-events.ts';

describe('a route', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = setLambdaEnvironment({ dynamodb: 'http://127.0.0.1:1' });
  });
  afterAll(() => restore());

  function createRoute() {
    const callers: object[] = [];
    const handler = route('unsubscribe', {
      schema: unsubscribeFrame,
      write: async ({ topic }, caller) => {
        callers.push(caller);
        return { topic };
      },
    });
    return { handler, callers };
  }

  it('hands its write the connection, and the time at which API Gateway received the frame', async () => {
    const { handler, callers } = createRoute();
    const event = messageEvent('R1=', { action: 'unsubscribe', topic: 'news' });
    const { connectedAt, requestTimeEpoch } = event.requestContext;

    await handler(event, lambdaContext);

    expect(callers).toEqual([{ connectionId: 'R1=', connectedAt, receivedAt: requestTimeEpoch }]);
    expect(requestTimeEpoch).toBeGreaterThan(connectedAt);
  });

  it('refuses a frame over the limit before it reads the frame', async () => {
    const { handler, callers } = createRoute();
    const frame = { action: 'unsubscribe', id: '1', topic: 'news' };
    const event = messageEvent('R1=', `${JSON.stringify(frame)}${' '.repeat(LIMITS.FRAME_BYTES)}`);

    const { body } = await handler(event, lambdaContext);

    expect(JSON.parse(body ?? '')).toEqual({
      type: 'error',
      code: 'too-large',
      message: `A frame is at most ${LIMITS.FRAME_BYTES} bytes.`,
    });
    expect(callers).toEqual([]);
  });
});
