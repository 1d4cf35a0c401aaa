/**
 * The limits of a gateway: API Gateway's quotas first, then the bounds of this process. Tests may set all of them
 * lower.
 */
export interface GatewayLimits {
  /**
   * Size of a message in bytes, in both directions. Past it a client is closed with 1009, and a post is answered 413.
   * @limit operator
   */
  readonly messageBytes: number;
  /**
   * Size of a client's frame in bytes; longer messages must be fragmented. Past it 1009. The gateway's own frames are
   * cut to this size.
   * @limit operator
   */
  readonly frameBytes: number;
  /**
   * Length of an upgrade's request target in characters. Past it 414.
   * @limit operator
   */
  readonly urlChars: number;
  /**
   * Time in ms without a message in both directions, after which a connection is closed with 1001 "Going away". Pings
   * do not count as messages.
   * @limit operator
   */
  readonly idleMs: number;
  /**
   * Maximum duration of a connection in ms. Past it 1001 "Going away".
   * @limit operator
   */
  readonly durationMs: number;
  /**
   * Deadline of the authorizer in ms. Past it 500.
   * @limit operator
   */
  readonly authorizerTimeoutMs: number;
  /** Size of an authorizer's result in bytes of JSON. Past it 500. */
  readonly authorizerResultBytes: number;
  /**
   * Established connections at the same time; pending upgrades count too. Past it an upgrade is answered 429.
   * @limit operator
   */
  readonly connections: number;
  /**
   * Upgrades that wait for their authorizer or `$connect`. Past it an upgrade is answered 429.
   * @limit operator
   */
  readonly pendingUpgrades: number;
  /** Bytes that a client may send before its upgrade is answered. Past it the socket is destroyed. */
  readonly earlyBytes: number;
  /**
   * Messages of one connection that are served at the same time, each until its answer has left. Past it a message is
   * answered `Too Many Requests`; while the client does not read its answers, its socket is not read instead.
   * @limit operator
   */
  readonly messagesInFlight: number;
  /**
   * Bytes that wait for a slow client. Past it a post is answered 429.
   * @limit operator
   */
  readonly slowConsumerBytes: number;
  /**
   * `$disconnect` invocations at the same time. Up to `connections` more wait; past that they are dropped with a
   * warning.
   */
  readonly parallelDisconnects: number;
  /** Time in ms for a client to answer a close frame. Past it the socket is destroyed. */
  readonly closeHandshakeMs: number;
  /** Time in ms in which `close()` lets `$disconnect` run and clients answer the close frame. */
  readonly shutdownMs: number;
  /** Size of request line and headers in bytes. Past it 431. */
  readonly headerBytes: number;
  /** Time in ms for the headers of a request, so that an incomplete request cannot hold a socket. */
  readonly headersTimeoutMs: number;
  /** Time in ms for a whole request. */
  readonly requestTimeoutMs: number;
  /**
   * Sockets other than WebSockets (`@connections`, pages), in addition to the connections. Past it a new socket is
   * dropped.
   * @limit operator
   */
  readonly httpSockets: number;
}

const KILOBYTE = 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** The limits of a gateway unless its options lower them. */
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
  messagesInFlight: 256,
  slowConsumerBytes: 256 * KILOBYTE,
  parallelDisconnects: 100,
  closeHandshakeMs: 2 * SECOND_MS,
  shutdownMs: 1500,
  headerBytes: 16 * KILOBYTE,
  headersTimeoutMs: 10 * SECOND_MS,
  requestTimeoutMs: 30 * SECOND_MS,
  httpSockets: 2048,
};
