import type { WebSocketResult } from '../../handlers/web-socket-event.ts';
import { lambdaContext, messageEvent } from './lambda-events.ts';

/** Hands a frame (an object, or a text as it is) to a route's Lambda; resolves to what the client gets, if anything. */
export async function invokeRoute(handler: unknown, frame: unknown, connectionId = 'C1='): Promise<unknown> {
  const invoke = handler as (event: object, context: object) => Promise<WebSocketResult>;
  const { statusCode, body } = await invoke(messageEvent(connectionId, frame), lambdaContext);
  if (statusCode !== 200) throw new Error(`The route answered ${statusCode}.`);
  return body?.startsWith('{') === true ? (JSON.parse(body) as unknown) : body;
}
