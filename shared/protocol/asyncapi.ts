import { type Action, CLIENT_FRAMES } from './client-frames.ts';
import { FRAME_DESCRIPTIONS } from './frame-descriptions.ts';
import { FRAME_EXAMPLES } from './frame-examples.ts';
import { LIMITS } from './limits.ts';
import { FRAME_SCHEMAS, frameJsonSchemas, frameName } from './frame-json-schemas.ts';
import { SERVER_FRAMES } from './server-frames.ts';
import { DEFAULT_TOPICS } from './topic.ts';

/** The wire's version: the first number changes when a client of before would no longer understand. */
const PROTOCOL_VERSION = '1.0.0';

const ACTIONS = Object.keys(CLIENT_FRAMES).filter((name): name is Action => name in CLIENT_FRAMES);

/** Frames that no frame of the client asks for. Answers (`ack`, `pong`, `error`) are replies. */
const DELIVERED = ['message', 'state', 'subscribed', 'batch'] as const;

const CHANNEL = { $ref: '#/channels/connection' };

/** The contract as AsyncAPI 3, from the schemas that the handlers validate with. The view is the server's. */
export function asyncApiDocument() {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Distributary',
      version: PROTOCOL_VERSION,
      description: [
        'Shared counters and topics over one WebSocket. JSON text frames, one object per frame.',
        'The `action` of a client’s frame picks the route; a frame with an `id` is answered by that `id`, one without is',
        'answered only when something is wrong.',
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
    description: 'A stage on AWS: the output WebSocketUrl of the stack.',
    variables: {
      api: { description: 'Id of the API.' },
      region: { description: 'Region that the stack is deployed to.', default: 'eu-central-1' },
      stage: { description: 'Name of the stage.', default: 'live' },
    },
  },
  local: {
    host: '127.0.0.1:{port}',
    pathname: '/live',
    protocol: 'ws',
    description: 'The local runtime, by `npm start`.',
    variables: { port: { description: 'The environment variable PORT.', default: '4000' } },
  },
};

function channel() {
  const names = [...ACTIONS, ...Object.keys(SERVER_FRAMES)];
  const topics = {
    type: 'string',
    description: `Topics to subscribe to at once, joined by commas; none for an empty one. Unless given: ${DEFAULT_TOPICS.join(', ')}.`,
  };
  return {
    address: '/',
    title: 'A connection',
    description: 'One WebSocket. It carries every frame of both directions.',
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { ws: { method: 'GET', query: { type: 'object', properties: { topics } }, bindingVersion: '0.1.0' } },
  };
}

const inChannel = (name: string) => ({ $ref: `${CHANNEL.$ref}/messages/${name}` });

/** What the server receives, and how it answers. */
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

/** What the server sends of itself, caused by a change record. */
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
