import { GROUND, may, npm, SIGV4 } from './.dependency-rooms.mjs';

/** Requests over kept sockets, and calls of DynamoDB by them: the authorizer reads one item for each handshake. */
const CALLS = '^shared/http/(call-encoder|exchange|http-answer|socket-pool)\\.ts$';

/** The rules of the rooms that decide who and what is let in: by a token, by a rate, and by HTTP. */
export const DOOR_RULES = [
  may('auth-imports-protocol-alone', {
    room: '^shared/auth/',
    doors: [GROUND, '^shared/protocol/', npm('zod')],
    instead: 'Permissions are decided by pure functions: a route and the authorizer hand in what they know.',
  }),
  may('rates-import-protocol-alone', {
    room: '^shared/rates/',
    doors: [GROUND, '^shared/protocol/', '^shared/store/shared-bucket\\.ts$', npm('zod')],
    instead: 'Rates are counted in memory: a route hands in the shared bucket and the clock.',
  }),
  may('handshake-imports-auth-and-jose', {
    room: '^shared/handshake/',
    doors: [GROUND, SIGV4, CALLS, '^shared/auth/', npm('jose', 'zod'), '^(node:)?crypto$'],
    instead: 'The authorizer decides by a token, by keys and by one item: hand in what else it needs.',
  }),
  may('http-door-imports-store-alone', {
    room: '^shared/http-door/',
    doors: [GROUND, '^shared/(protocol|store)/'],
    instead: 'The door knows HTTP and the store: a handler hands in the token’s check, the schemas and the clock.',
  }),
  may('http-frames-import-the-way-of-recovery', {
    room: '^shared/http-frames/',
    doors: [
      GROUND,
      '^shared/(auth|protocol|store)/',
      '^shared/rates/weights\\.ts$',
      '^shared/fanout/(stream-records|catch-up/(recover|recovery-frames|older-messages))\\.ts$',
      '^shared/http-door/(answers|stream-request)\\.ts$',
    ],
    instead:
      'Frames by HTTP are answered as by the socket: a handler hands in the writes, the token’s check and the clock.',
  }),
];
