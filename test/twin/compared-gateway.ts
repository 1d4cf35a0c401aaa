import { type ComparedBehaviour, FLOCI, floci, ministack, offline } from './compared-behaviour.ts';

const FLOCI_EXECUTE = `${FLOCI}/services/apigateway/ApiGatewayExecuteController.java`;
const FLOCI_CONNECTIONS = `${FLOCI}/services/apigatewayv2/websocket/WebSocketConnectionManager.java`;
const FLOCI_EVENTS = `${FLOCI}/services/apigatewayv2/websocket/WebSocketProxyEventBuilder.java`;
const FLOCI_INTEGRATIONS = `${FLOCI}/services/apigatewayv2/websocket/WebSocketIntegrationInvoker.java`;
const OFFLINE_POSTS = 'src/events/websocket/http-routes/connections/connectionsRoutes.js';

/** The behaviours of API Gateway that are compared, in the order of their numbers. */
export const COMPARED_GATEWAY: readonly ComparedBehaviour[] = [
  {
    number: 'A1.4',
    others: [
      floci('neither headers nor a code nor a reason', FLOCI_EVENTS),
      ministack('code and reason as the client gave them, no headers'),
      offline('the headers, neither code nor reason', 'src/events/websocket/lambda-events/WebSocketDisconnectEvent.js'),
    ],
  },
  {
    number: 'A2.1',
    others: [
      floci('falls back; the event names the key of the message'),
      ministack('as on AWS'),
      offline('falls back; the event names the key of the message'),
    ],
  },
  {
    number: 'A2.2',
    others: [
      floci('a frame with other words, `No route found` or `Could not route message`'),
      ministack('no answer'),
      offline('no answer'),
    ],
  },
  {
    number: 'A2.3',
    others: [
      floci('hands the frame on, in base64'),
      ministack('decodes the frame as text, and routes it'),
      offline('gives the bytes to the route'),
    ],
  },
  {
    number: 'A3.1',
    others: [floci('as on AWS', FLOCI_INTEGRATIONS), ministack('as on AWS'), offline('as on AWS')],
  },
  {
    number: 'A3.2',
    others: [
      floci('as on AWS'),
      ministack('sends the body of the result, whatever the route says'),
      offline('as on AWS'),
    ],
  },
  {
    number: 'A3.3',
    others: [
      floci('a frame if the invocation does not come about; the error of a function is not looked at'),
      ministack('sends the text of the error'),
      offline('as on AWS'),
    ],
  },
  {
    number: 'A3.4',
    others: [
      floci('no time of the integration', FLOCI_INTEGRATIONS),
      ministack('no time of the integration'),
      offline('no time of the integration'),
    ],
  },
  {
    number: 'A4.1',
    others: [
      floci('waits; any status but 2xx becomes 403'),
      ministack('waits; a refusal closes before it is accepted, without the status'),
      offline('waits, and passes the status on'),
    ],
  },
  {
    number: 'A4.3',
    others: [
      floci('puts the headers of the result on the response'),
      ministack('accepts without a subprotocol'),
      offline('the headers of the result are not used'),
    ],
  },
  {
    number: 'A4.5',
    others: [
      floci('in the event of `$connect` alone, with the types that the authorizer gave', FLOCI_EVENTS),
      ministack('authorizers by JWT alone; the claims are in the event of `$connect`'),
      offline('as on AWS', 'src/events/authValidateContext.js'),
    ],
  },
  {
    number: 'A4.6',
    others: [
      floci('as on AWS', `${FLOCI}/services/apigatewayv2/websocket/WebSocketAuthorizerService.java`),
      ministack('authorizers by JWT alone'),
      offline('as on AWS'),
    ],
  },
  {
    number: 'A5.1',
    others: [
      floci('frames up to 128 KB; a longer one is answered by a frame, and the connection stays'),
      ministack('no limit'),
      offline('no limit but that of the package ws', 'src/events/websocket/WebSocketServer.js'),
    ],
  },
  {
    number: 'A5.2',
    others: [floci('10 minutes and 2 hours'), ministack('neither'), offline('both, as options')],
  },
  {
    number: 'A5.3',
    others: [
      floci('no throttle of connections or messages'),
      ministack('no throttle of connections or messages'),
      offline('no throttle of connections or messages'),
    ],
  },
  {
    number: 'A6.1',
    others: [
      floci('as on AWS'),
      ministack('as on AWS'),
      offline('as on AWS', 'src/events/websocket/WebSocketServer.js'),
    ],
  },
  {
    number: 'A6.2',
    others: [
      floci('410 with a body', FLOCI_EXECUTE),
      ministack('410 with a body, without the header'),
      offline('410 without the header', OFFLINE_POSTS),
    ],
  },
  {
    number: 'A6.3',
    others: [
      floci('no such answer', FLOCI_CONNECTIONS),
      ministack('no such answer'),
      offline('no such answer', OFFLINE_POSTS),
    ],
  },
  {
    number: 'A6.4',
    others: [
      floci('when its enforcement of IAM is turned on', `${FLOCI}/core/common/IamEnforcementFilter.java`),
      ministack('not looked at'),
      offline('not looked at', OFFLINE_POSTS),
    ],
  },
  {
    number: 'A6.5',
    others: [
      floci('closes, and `$disconnect` does not run'),
      ministack('marks the connection; its loop goes on until the client closes'),
      offline('closes, and `$disconnect` runs'),
    ],
  },
  {
    number: 'A6.6',
    others: [
      floci('413 past 128 KB', FLOCI_EXECUTE),
      ministack('the size is not looked at'),
      offline('no limit of its own', OFFLINE_POSTS),
    ],
  },
  {
    number: 'A6.7',
    others: [
      floci('the connection is looked up by its id', FLOCI_EXECUTE),
      ministack('410 for another API; the stage is not looked at'),
      offline('no stage in the path', OFFLINE_POSTS),
    ],
  },
  {
    number: 'A7.1',
    others: [
      floci('integrations of type AWS go to functions', FLOCI_INTEGRATIONS),
      ministack('integrations of type AWS go to functions'),
      undefined,
    ],
  },
  {
    number: 'A7.3',
    others: [
      floci('templates for the request and for the response', FLOCI_INTEGRATIONS),
      ministack('the event as for a proxy, without templates'),
      undefined,
    ],
  },
  {
    number: 'A7.4',
    others: [
      floci('its status by the template selection expression', FLOCI_INTEGRATIONS),
      ministack('200, with the template of the response as it stands'),
      undefined,
    ],
  },
  {
    number: 'A7.8',
    others: [
      floci('HTTP and HTTP_PROXY get the event by a POST', FLOCI_INTEGRATIONS),
      ministack('no answer, and a line in the log'),
      undefined,
    ],
  },
];
