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

/** The frames that are replies to a client's frame that was carried out. */
const REPLIES = ['ack', 'pong'] as const;

/**
 * The frames that the server sends in separate operations: those that a change record causes, and `error`, which
 * answers a frame without `id` too. An operation has one message in each direction, because generators name a union
 * after the channel, and the unions of one channel would overwrite one another.
 */
const SENT = Object.keys(SERVER_FRAMES).filter((name) => !REPLIES.some((reply) => reply === name));

const CHANNEL = { $ref: '#/channels/connection' };

/**
 * Returns the contract as an AsyncAPI 3 document, from the schemas that the handlers validate with. `send` and
 * `receive` are the server's.
 */
export function asyncApiDocument() {
  return {
    asyncapi: '3.1.0',
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
    operations: { ...Object.fromEntries(ACTIONS.map(receiving)), ...Object.fromEntries(SENT.map(sending)) },
    components: { messages: messages(), schemas: frameJsonSchemas() },
  };
}

const SERVERS = {
  deployed: {
    host: '{api}.execute-api.{region}.amazonaws.com',
    protocol: 'wss',
    description: 'A stage on AWS. The stack’s output `WebSocketUrl` is its URL.',
    variables: {
      api: { description: 'The id of the API.' },
      region: { description: 'The region that the stack is deployed to.', default: 'eu-central-1' },
    },
  },
  local: {
    host: '127.0.0.1:{port}',
    protocol: 'ws',
    description: 'The local runtime, started by `npm start`.',
    variables: {
      port: { description: 'The option `--port`, or else the environment variable PORT.', default: '4000' },
    },
  },
};

/** The schema of each parameter of the URL's query. A test compares them with those that `$connect` takes. */
const QUERY = {
  topics: {
    type: 'string',
    description: `The first topics of the connection, separated by commas. Empty: none. Absent: ${DEFAULT_TOPICS.join(', ')}.`,
  },
  batch: {
    type: 'string',
    enum: ['true'],
    description: 'Allows the server to send several frames of these topics in one `batch`.',
  },
  token: {
    type: 'string',
    description: 'A token for the authorizer of the deployment, if it has one. It is ignored otherwise.',
  },
};

function channel() {
  const names = [...ACTIONS, ...Object.keys(SERVER_FRAMES)];
  const query = { type: 'object', properties: QUERY, additionalProperties: false };
  return {
    address: '/{stage}',
    parameters: { stage: { description: 'The name of the stage.', default: 'live' } },
    title: 'A connection',
    description: 'One WebSocket, which carries every frame of both directions.',
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { ws: { method: 'GET', query, bindingVersion: '0.1.0' } },
  };
}

const inChannel = (name: string) => ({ $ref: `${CHANNEL.$ref}/messages/${name}` });

/** Returns the operation of an action: the frame that the server receives, and its reply if it was carried out. */
function receiving(action: Action) {
  const answer = action === 'ping' ? 'pong' : 'ack';
  return [
    action,
    {
      action: 'receive',
      channel: CHANNEL,
      summary: FRAME_DESCRIPTIONS[action].summary,
      description: `A frame that is refused or fails is answered with \`error\` instead of \`${answer}\`.`,
      messages: [inChannel(action)],
      reply: { channel: CHANNEL, messages: [inChannel(answer)] },
    },
  ] as const;
}

/** Returns the operation of a frame that the server sends. */
function sending(name: string) {
  const { summary } = FRAME_DESCRIPTIONS[frameName(name)];
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
