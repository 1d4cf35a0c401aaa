/**
 * Every duration and size of the client. Imported as a namespace, so that a bundler puts the bare figures in their places: the
 * names alone would be a tenth of the library.
 */

/** How long a connection may take to open, cold starts included. */
export const OPEN_TIMEOUT_MS = 20_000;
/** Upper edge of the first pause before a reconnect; it doubles with each failure. */
export const RECONNECT_BASE_MS = 500;
/** No pause before a reconnect is longer than this. */
export const RECONNECT_CAP_MS = 20_000;
/** Upper edge of the first pause before a request is sent again that the server could not do just now; it doubles. */
export const RETRY_BASE_MS = 100;
/** No such pause is longer than this. */
export const RETRY_CAP_MS = 3_000;
/** A connection that lived this long was a good one: the next pause starts from the base again. */
export const STABLE_AFTER_MS = 5_000;
/** A server closes a connection after this long without a frame either way: API Gateway's limit. */
export const IDLE_MS = 10 * 60_000;
/** The share of that after which a ping is sent. */
export const IDLE_PING_SHARE = 0.8;
/** A server closes a connection of this age: API Gateway's limit. */
export const LIFETIME_MS = 2 * 60 * 60_000;
/** The next connection is opened at a random age between these shares of it: of two hours, 1 h 45 ± 10 min. */
export const RENEW_FROM_SHARE = 0.79;
/** The later of the two. */
export const RENEW_TO_SHARE = 0.96;
/** The next connection must have caught up in every topic by then; else it is dropped, the old one kept, and another tried. */
export const RENEW_TIMEOUT_MS = 60_000;
/** Upper edge of the first pause after such a failure; it doubles with each. */
export const RENEW_RETRY_BASE_MS = 2_000;
/** No such pause is longer than this: several attempts fit between 1 h 55 and the end. */
export const RENEW_RETRY_CAP_MS = 60_000;
/** A request unanswered for this long, with nothing else heard, makes the client ask by a ping whether anybody is there. */
export const SILENCE_MS = 10_000;
/** A ping unanswered for this long means a dead socket. */
export const PONG_TIMEOUT_MS = 10_000;
/** A request is given up this long after it was made, unless the options say otherwise. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** The options may say no more than this: what is sent again must come within the ten minutes in which its key counts once. */
export const REQUEST_TIMEOUT_MAXIMUM_MS = 9 * 60_000;
/** A subscription that brought no answer for this long is asked for again. */
export const SUBSCRIBE_RETRY_MS = 10_000;
/** Requests that wait for their answer, or for a connection, at any one time, unless the options say otherwise. */
export const WAITING_REQUESTS = 1_000;
/** Messages of one publish; the server's own bound. */
export const PUBLISHED_MESSAGES = 50;
/** `data` of one message as JSON, in bytes of UTF-8; the server's own bound. */
export const DATA_BYTES = 28_672;
/** What one publish has for the topic and its messages as JSON: the server's bound of a frame, less 256 bytes for the rest. */
export const MESSAGES_BYTES = 32_768 - 256;
/** Topics and counters of one connection; the server's own bound. */
export const TOPICS = 100;
/** Members of a topic that are known by name; the count says how many there are. */
export const MEMBERS = 10_000;
/** Answers in a row that lead back and count as late, so that the client asks again; the next one is believed. */
export const LATE_ANSWERS = 3;
/** Messages held back per topic while an earlier one is being fetched. */
export const HELD_MESSAGES = 500;
/** Own messages per topic, not echoed, whose seqs are remembered so that they are not taken for a gap. */
export const OWN_SEQS = 500;
/** Messages that wait for a `for await` loop; when one more comes the loop ends with an error. */
export const ITERATOR_MESSAGES = 1_000;
/** Characters of topics that travel in the URL; others are subscribed by frames. API Gateway's URL limit is 4,096. */
export const URL_TOPICS_LENGTH = 1_000;
