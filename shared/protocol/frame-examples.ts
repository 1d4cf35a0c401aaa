import type { FrameName } from './frame-descriptions.ts';

const published = {
  type: 'message',
  topic: 'news',
  epoch: '6f1d2c3b',
  seq: 43,
  data: { text: 'The river rises.' },
  publishedAt: '2026-11-20T09:30:00.123Z',
};

const state = { type: 'state', counter: 'global-counter', value: 7, epoch: '0a9b8c7d', seq: 9 };

/** The examples of every frame in docs/asyncapi.yaml. A test checks them against the schemas. */
export const FRAME_EXAMPLES: Readonly<Record<FrameName, readonly Readonly<Record<string, unknown>>[]>> = {
  subscribe: [
    { action: 'subscribe', topic: 'news' },
    { action: 'subscribe', id: 's-1', topic: 'news', position: { epoch: '6f1d2c3b', seq: 42 }, batch: true },
    { action: 'subscribe', topic: 'news', history: 10 },
    { action: 'subscribe', id: 's-2', topic: 'news', before: { epoch: '6f1d2c3b', seq: 44 }, history: 2 },
    { action: 'subscribe', topic: 'lobby', presence: true },
    { action: 'subscribe', id: 's-3', topic: 'news/*', positions: { 'news/sport': { epoch: '6f1d2c3b', seq: 42 } } },
  ],
  unsubscribe: [{ action: 'unsubscribe', topic: 'news' }],
  publish: [
    { action: 'publish', topic: 'news', data: { text: 'The river rises.' } },
    { action: 'publish', id: 'p-1', topic: 'news', data: 'To all but me.', key: '5d3f0c1e', echo: false },
    { action: 'publish', id: 'p-2', topic: 'news', messages: [{ text: 'The river rises.' }, { text: 'It falls.' }] },
  ],
  plus: [{ action: 'plus' }, { action: 'plus', id: 'c-1', counter: 'seats', by: 2, max: 100, key: '5d3f0c1f' }],
  minus: [{ action: 'minus' }, { action: 'minus', id: 'c-2', counter: 'seats', min: 0 }],
  onMessage: [{ action: 'onMessage', message: 'Hello, everyone!' }],
  ping: [{ action: 'ping' }, { action: 'ping', id: 'h-1', positions: { news: { epoch: '6f1d2c3b', seq: 42 } } }],
  setPresence: [
    { action: 'setPresence', topic: 'lobby', state: { typing: true } },
    { action: 'setPresence', id: 'm-1', topic: 'lobby', state: null },
  ],
  message: [published],
  state: [state],
  subscribed: [
    { type: 'subscribed', topic: 'news', epoch: '6f1d2c3b', seq: 43, recovered: true, messages: [published] },
    { type: 'subscribed', topic: 'quiet', epoch: null, seq: 0, recovered: true, messages: [] },
    {
      type: 'subscribed',
      topic: 'news/a',
      wildcard: 'news/*',
      epoch: '6f1d2c3b',
      seq: 7,
      recovered: false,
      messages: [],
    },
    { type: 'subscribed', topic: 'news/*', epoch: null, seq: 0, recovered: true, messages: [] },
    { type: 'subscribed', topic: 'counter:global-counter', epoch: '0a9b8c7d', recovered: true, value: 7, seq: 9 },
  ],
  history: [
    {
      type: 'history',
      id: 's-2',
      topic: 'news',
      messages: [{ ...published, seq: 42, data: 'It rains.' }, published],
      before: { epoch: '6f1d2c3b', seq: 42 },
    },
    { type: 'history', topic: 'news', messages: [], lost: true },
  ],
  presence: [
    {
      type: 'presence',
      topic: 'lobby',
      joined: ['Xk3vT0aQ9cYb', 'h2LmPq8sWd1e'],
      left: [],
      count: 2,
      countedAt: '2026-11-20T09:30:00.123Z',
      self: 'h2LmPq8sWd1e',
    },
    {
      type: 'presence',
      topic: 'lobby',
      joined: [],
      left: ['Xk3vT0aQ9cYb'],
      count: 1,
      countedAt: '2026-11-20T09:30:05.456Z',
    },
    {
      type: 'presence',
      topic: 'lobby',
      joined: ['ann', 'bob'],
      left: [],
      count: 2,
      countedAt: '2026-11-20T09:30:00.123Z',
      members: [{ id: 'ann', profile: { name: 'Ann' }, state: { typing: true } }],
      self: 'bob',
    },
  ],
  members: [
    {
      type: 'members',
      topic: 'lobby',
      members: [
        { id: 'ann', state: { typing: true } },
        { id: 'bob', state: null },
      ],
    },
  ],
  batch: [{ type: 'batch', frames: [published, state] }],
  ack: [
    { type: 'ack', id: 'p-1', action: 'publish', topic: 'news', epoch: '6f1d2c3b', seq: 43 },
    { type: 'ack', id: 'c-1', action: 'plus', counter: 'seats', value: 9, epoch: '0a9b8c7d', seq: 9 },
  ],
  pong: [{ type: 'pong' }, { type: 'pong', id: 'h-1' }],
  error: [
    {
      type: 'error',
      code: 'bad-frame',
      message: 'The frame is not a frame of the protocol.',
      id: 'c-1',
      action: 'plus',
      details: [{ path: 'by', reason: 'Invalid input: expected number, received string' }],
    },
  ],
};
