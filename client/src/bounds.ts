/**
 * Every duration and size of the client. Import this module as a namespace: a bundler then inlines the numbers. The
 * names alone would be a tenth of the library.
 */

/**
 * Deadline in ms of opening a connection, cold starts included.
 * @limit client
 */
export const OPEN_TIMEOUT_MS = 20_000;
/** Upper bound in ms of the first pause before a reconnect. Doubled with each failure. */
export const RECONNECT_BASE_MS = 500;
/**
 * Upper bound in ms of every pause before a reconnect.
 * @limit client
 */
export const RECONNECT_CAP_MS = 20_000;
/**
 * Upper bound in ms of the first pause before a request that was answered `unavailable` is sent again. Doubled each
 * time.
 */
export const RETRY_BASE_MS = 100;
/** Upper bound in ms of every pause before such a request is sent again. */
export const RETRY_CAP_MS = 3_000;
/**
 * The number of handshakes in a row that fail before HTTP is tried.
 * @limit client
 */
export const HANDSHAKES = 2;
/**
 * Time in ms over HTTP after which a WebSocket is tried again, for the first time. Further attempts follow after
 * growing pauses.
 * @limit client
 */
export const HTTP_MS = 10_000;
/** The number of handshakes with a token, refused one after the other, that are reported as `unauthorized`. */
export const REFUSALS = 5;
/** Age in ms from which a connection counts as stable: after its end, pauses start from `RECONNECT_BASE_MS` again. */
export const STABLE_AFTER_MS = 5_000;
/**
 * Time in ms without a frame in either direction after which a server closes a connection. API Gateway's limit.
 * @limit client
 */
export const IDLE_MS = 10 * 60_000;
/** Share of the idle time after which the client sends a ping. */
export const IDLE_PING_SHARE = 0.8;
/**
 * Age in ms at which a server closes a connection. API Gateway's limit.
 * @limit client
 */
export const LIFETIME_MS = 2 * 60 * 60_000;
/**
 * Lower bound, as a share of the lifetime, of the random age at which the next connection is opened. Of two hours: 1 h
 * 35.
 */
export const RENEW_FROM_SHARE = 0.79;
/** Upper bound of that share. Of two hours: 1 h 55. */
export const RENEW_TO_SHARE = 0.96;
/** Deadline in ms for the next connection to catch up in every topic. Past it, it is closed and the old one is kept. */
export const RENEW_TIMEOUT_MS = 60_000;
/** Upper bound in ms of the first pause after a failed renewal. Doubled with each failure. */
export const RENEW_RETRY_BASE_MS = 2_000;
/** Least time in ms between the openings of two connections that are renewed because of their tokens. */
export const RENEW_PAUSE_MS = 1_000;
/** Upper bound in ms of every pause after a failed renewal. Several attempts fit between 1 h 55 and two hours. */
export const RENEW_RETRY_CAP_MS = 60_000;
/** Time in ms after which an unanswered request, with no other frame received, makes the client send a ping. */
export const SILENCE_MS = 10_000;
/** Time in ms after which a ping without a pong means that the socket is dead. */
export const PONG_TIMEOUT_MS = 10_000;
/**
 * Default deadline in ms of a request, counted from the call.
 * @limit client
 */
export const REQUEST_TIMEOUT_MS = 30_000;
/**
 * Upper bound in ms of the option `requestTimeoutMs`, and the age at which a request is not sent again: below a key's
 * ten minutes.
 * @limit client
 */
export const REQUEST_TIMEOUT_MAXIMUM_MS = 9 * 60_000;
/**
 * Time in ms after which an unanswered subscribe request is sent again.
 * @limit client
 */
export const SUBSCRIBE_RETRY_MS = 10_000;
/**
 * Deadline in ms of a subscribe or unsubscribe frame, counted from sending. Above API Gateway's integration timeout of
 * 29 s.
 */
export const TOPIC_REQUEST_TIMEOUT_MS = 30_000;
/** The number of unanswered subscribe frames with the same effect on one topic. A further one waits for an answer. */
export const TOPIC_REQUESTS = 3;
/**
 * Default number of publishes and counter changes that may wait for a connection or an answer at one time.
 * @limit client
 */
export const WAITING_REQUESTS = 1_000;
/** Upper bound of the option `queueLimit`. */
export const WAITING_REQUESTS_MAXIMUM = 1_000_000;
/** The number of past messages that `history` may ask for. The server's own limit. */
export const HISTORY = 100;
/** The largest step of one counter change. The server's own limit. */
export const COUNTER_STEP = 1_000_000_000;
/** The largest absolute value of a counter and of the bounds of a change. The server's own limit. */
export const COUNTER_VALUE = 9_000_000_000_000_000;
/** Lower bound in ms of the options `lifetimeMs` and `idleMs`. Below it the client would only open sockets and ping. */
export const LIFETIME_MINIMUM_MS = 100;
/** Upper bound in ms of these options: 2^31 - 1, some 24 days, the longest delay of a platform timer. */
export const LIFETIME_MAXIMUM_MS = 2_147_483_647;
/** Length in ms of one slice of a timer. After a sleep of the device, a timer that is due fires within this time. */
export const TIMER_SLICE_MS = 60_000;
/** Jump in ms of the wall clock ahead of the monotonic clock from which it counts as a sleep of the device. */
export const SLEEP_MS = 2_000;
/** The number of messages in one publish frame. The server's own limit. */
export const PUBLISHED_MESSAGES = 50;
/** Size in bytes of UTF-8 of one message's `data` as JSON. The server's own limit. */
export const DATA_BYTES = 28_672;
/** Size in bytes of UTF-8 of one frame. The server's own limit: API Gateway closes the connection for a larger one. */
export const FRAME_BYTES = 32_768;
/**
 * Size in bytes of the topic and messages of one publish frame as JSON: the frame limit, less 256 for the other fields.
 */
export const MESSAGES_BYTES = FRAME_BYTES - 256;
/** The number of topics and counters of one connection. The server's own limit. */
export const TOPICS_PER_CONNECTION = 100;
/**
 * The number of topics under one wildcard whose positions are kept, for order and for what was missed. The topic seen
 * longest ago is forgotten: its next message is taken as its first.
 * @limit client
 */
export const WILDCARD_TOPICS = 1_000;
/**
 * The number of topics under one wildcard, those seen last, whose missed messages are asked for after a reconnect. Any
 * other topic shows with its next message that some are missing, and is asked for then.
 * @limit client
 */
export const WILDCARD_POSITIONS = 100;
/**
 * The number of members of a topic that are known by name. `count` is exact beyond it.
 * @limit client
 */
export const MEMBERS = 10_000;
/**
 * Time in ms between two states of a member that are sent. Above the server's own limit, 1,000: frames take different
 * times on their way.
 * @limit client
 */
export const STATE_MS = 1_100;
/**
 * The number of answers in a row that may lead back to an earlier position and be taken for late ones. The next is
 * believed.
 */
export const LATE_ANSWERS = 3;
/** The number of messages per topic that are buffered while an earlier one is fetched. */
export const BUFFERED_MESSAGES = 500;
/** The number of own messages per topic, published with `echo: false`, whose seqs are remembered: they are no gaps. */
export const OWN_SEQS = 500;
/**
 * The number of messages that may wait for a `for await` loop. One more ends the loop with an error.
 * @limit client
 */
export const ITERATOR_MESSAGES = 1_000;
/**
 * The number of characters of topics in the URL, as it encodes them; other topics are subscribed by frames. API
 * Gateway's URL limit is 4,096.
 * @limit client
 */
export const URL_TOPICS_LENGTH = 2_000;
