/** Durations and sizes of connections over HTTP. Import this module as a namespace: a bundler inlines the numbers. */

/** Deadline in ms of an answer's first byte. Past it something on the way holds answers back until they end. */
export const FIRST_BYTE_MS = 10_000;
/** Time in ms without a byte after which an answer that goes on counts as held back. The server sends every 10 s. */
export const QUIET_MS = 25_000;
/** Time in ms without a byte after which a poll counts as lost. The server ends it after 60 s at most. */
export const POLL_MS = 75_000;
/** Least time in ms between the beginnings of two requests for what comes. */
export const PAUSE_MS = 100;
/**
 * Time in ms for which changes of the topics are gathered while an answer comes: each one that is given up occupies its
 * Lambda until that notices.
 */
export const GATHER_MS = 100;
/** Time in ms after which a subscription that the server could not go on with is asked for again. */
export const RETRY_MS = 1_000;
/** Deadline in ms of the answer to posted frames. Past it the connection counts as lost. Below that of a request. */
export const POSTED_MS = 20_000;
/** The number of frames that may wait to be posted. One more is answered with `rate-limited`, to be sent later. */
export const WAITING_FRAMES = 1_000;
/** Time in ms for which frames wait for subscriptions that are not answered yet. */
export const ASKING_MS = 2_000;
/** Interval in ms between two looks at these subscriptions. */
export const ASKING_LOOK_MS = 10;
/** The number of frames in one request. Below the server's own limit. */
export const FRAMES = 100;
/** The number of characters of frames in one request: as UTF-8 below the server's own limit of 256 KB. */
export const CHARACTERS = 80_000;
