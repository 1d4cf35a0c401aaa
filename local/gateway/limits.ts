/** What the gateway keeps to: API Gateway's quotas first, then the bounds of this process. All can be set smaller. */
export interface GatewayLimits {
  /** Largest message either way; past it a client is closed with 1009, a post is answered 413. */
  readonly messageBytes: number;
  /** Largest single frame of a client (a longer message must be fragmented); past it 1009. Ours are cut to it. */
  readonly frameBytes: number;
  /** Longest request target of an upgrade; past it 414. */
  readonly urlChars: number;
  /** No message either way for so long ends a connection with 1001 «Going away». Pings are no messages. */
  readonly idleMs: number;
  /** No connection lives longer; then 1001 «Going away». */
  readonly durationMs: number;
  /** Most that the authorizer may take; past it 500. */
  readonly authorizerTimeoutMs: number;
  /** Largest authorizer result, as JSON; past it 500. */
  readonly authorizerResultBytes: number;
  /** Established connections at once (pending upgrades count too); past it an upgrade gets 429. */
  readonly connections: number;
  /** Upgrades that wait for their authorizer or `$connect`; past it an upgrade gets 429. */
  readonly pendingUpgrades: number;
  /** What a client may send before its upgrade is answered; past it the socket is destroyed. */
  readonly earlyBytes: number;
  /**
   * Messages of one connection being served at once, each until its answer has left; past it the socket is not read.
   * What one read had already brought in (64 KB) waits in memory.
   */
  readonly messagesInFlight: number;
  /** Bytes that wait for a slow client; a post past it is answered 429. */
  readonly slowConsumerBytes: number;
  /** `$disconnect` invocations at once; up to `connections` more wait, past that they are dropped with a warning. */
  readonly parallelDisconnects: number;
  /** How long a client may take to answer a close frame before its socket is destroyed. */
  readonly closeHandshakeMs: number;
  /** How long `close()` lets `$disconnect` run and clients say goodbye. */
  readonly shutdownMs: number;
  /** Request line and headers together; past it 431. */
  readonly headerBytes: number;
  /** Time for the headers of a request, so that half a request cannot hold a socket. */
  readonly headersTimeoutMs: number;
  /** Time for a whole request. */
  readonly requestTimeoutMs: number;
  /** Sockets that are no WebSocket (callbacks, pages) on top of the connections; past it the socket is dropped. */
  readonly httpSockets: number;
}

const KILOBYTE = 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

export const AWS_LIMITS: GatewayLimits = {
  messageBytes: 128 * KILOBYTE,
  frameBytes: 32 * KILOBYTE,
  urlChars: 4096,
  idleMs: 10 * MINUTE_MS,
  durationMs: 120 * MINUTE_MS,
  authorizerTimeoutMs: 29 * SECOND_MS,
  authorizerResultBytes: 8 * KILOBYTE,
  connections: 20_000,
  pendingUpgrades: 1000,
  earlyBytes: 32 * KILOBYTE,
  messagesInFlight: 64,
  slowConsumerBytes: 256 * KILOBYTE,
  parallelDisconnects: 100,
  closeHandshakeMs: 2 * SECOND_MS,
  shutdownMs: 1500,
  headerBytes: 16 * KILOBYTE,
  headersTimeoutMs: 10 * SECOND_MS,
  requestTimeoutMs: 30 * SECOND_MS,
  httpSockets: 2048,
};
