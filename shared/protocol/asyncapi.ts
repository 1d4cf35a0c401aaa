import { type Action, CLIENT_FRAMES } from './client-frames.ts';
import { FRAME_DESCRIPTIONS } from './frame-descriptions.ts';
import { FRAME_EXAMPLES } from './frame-examples.ts';
import { LIMITS } from './limits.ts';
import { FRAME_SCHEMAS, frameJsonSchemas, frameName } from './frame-json-schemas.ts';
import { SERVER_FRAMES } from './server-frames.ts';
import { DEFAULT_TOPICS } from './topic.ts';

/** The version of the wire, as semver: a change that breaks existing clients raises the first number. */
const PROTOCOL_VERSION = '1.0.0';

const ACTIONS = Object.keys(CLIENT_FRAMES).filter((name): name is Action => name in CLIENT_FRAMES);

/** The frames that are caused by a change record. `ack`, `pong` and `error` are replies to a client's frame. */
const DELIVERED = ['message', 'state', 'subscribed', 'batch'] as const;

const CHANNEL = { $ref: '#/channels/connection' };

/**
 * Returns the contract as an AsyncAPI 3 document, from the schemas that the handlers validate with. `send` and
 * `receive` are the server's.
 */
export function asyncApiDocument() {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Distributary',
      version: PROTOCOL_VERSION,
      description: [
        'Shared counters and topics over one WebSocket. JSON text frames, one object per frame.',
        'The `action` of a client’s frame selects the route. A frame with an `id` is answered with that `id`; a frame',
        'without one is answered only if it is refused or fails.',
        `A frame is at most ${LIMITS.FRAME_BYTES} bytes, the \`data\` of a message at most ${LIMITS.DATA_BYTES}.`,
      ].join('\n'),
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: { connection: channel() },
    operations: { ...Object.fromEntries(ACTIONS.map(receiving)), ...Object.fromEntries(DELIVERED.map(sending)) },
    components: { messages: messages(), schemas: frameJsonSchemas() },
  };
}

const SERVERS = {
  deployed: {
    host: '{api}.execute-api.{region}.amazonaws.com',
    pathname: '/{stage}',
    protocol: 'wss',
    description: 'A stage on AWS. The stack’s output `WebSocketUrl` is its URL.',
    variables: {
      api: { description: 'The id of the API.' },
      region: { description: 'The region that the stack is deployed to.', default: 'eu-central-1' },
      stage: { description: 'The name of the stage.', default: 'live' },
    },
  },
  local: {
    host: '127.0.0.1:{port}',
    pathname: '/live',
    protocol: 'ws',
    description: 'The local runtime, started by `npm start`.',
    variables: { port: { description: 'The environment variable PORT.', default: '4000' } },
  },
};

function channel() {
  const names = [...ACTIONS, ...Object.keys(SERVER_FRAMES)];
  const topics = {
    type: 'string',
    description: `The first topics of the connection, separated by commas. Empty: none. Absent: ${DEFAULT_TOPICS.join(', ')}.`,
  };
  return {
    address: '/',
    title: 'A connection',
    description: 'One WebSocket, which carries every frame of both directions.',
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { ws: { method: 'GET', query: { type: 'object', properties: { topics } }, bindingVersion: '0.1.0' } },
  };
}

const inChannel = (name: string) => ({ $ref: `${CHANNEL.$ref}/messages/${name}` });

/** Returns the operation of an action: the frame that the server receives, and its answers. */
function receiving(action: Action) {
  const answer = action === 'ping' ? 'pong' : 'ack';
  return [
    action,
    {
      action: 'receive',
      channel: CHANNEL,
      summary: FRAME_DESCRIPTIONS[action].summary,
      messages: [inChannel(action)],
      reply: { channel: CHANNEL, messages: [inChannel(answer), inChannel('error')] },
    },
  ] as const;
}

/** Returns the operation of a frame that the server sends because of a change record. */
function sending(name: (typeof DELIVERED)[number]) {
  const { summary } = FRAME_DESCRIPTIONS[name];
  return [`send-${name}`, { action: 'send', channel: CHANNEL, summary, messages: [inChannel(name)] }] as const;
}

function messages() {
  const entries = Object.entries(FRAME_DESCRIPTIONS).map(([name, { summary }]) => {
    const hasId = 'id' in FRAME_SCHEMAS[frameName(name)].shape;
    const message = {
      name,
      summary,
      ...(hasId ? { correlationId: { location: '$message.payload#/id' } } : {}),
      payload: { $ref: `#/components/schemas/${name}` },
      examples: FRAME_EXAMPLES[frameName(name)].map((payload) => ({ payload })),
    };
    return [name, message] as const;
  });
  return Object.fromEntries(entries);
}
