/** The pattern of a subject: 1 to 128 characters, none of which could begin a line in a log. */
const SUBJECT = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,128}$/u;

/** Whether a text is a subject that a token may have. The handshake of a token with another one is refused. */
export const isSubject = (text: string): boolean => SUBJECT.test(text);
