/** The text that stands for the token's subject in a pattern. */
const SUBJECT = '${sub}';

/** The pattern of a subject that may stand in a topic pattern: one segment, so that it cannot widen the pattern. */
const SUBJECT_IN_PATTERN = /^[A-Za-z0-9_\-.]{1,128}$/;

/** The pattern of a topic pattern: a topic's name, or `*` alone or after a last `/` or `:`. */
const TOPIC_PATTERN = /^(?:\*|(?!\/)[A-Za-z0-9_\-.:/]*(?:[A-Za-z0-9_\-.]|[:/]\*))$/;

/** Whether a text is a topic pattern: a name, or a start of names that ends in `/` or `:`, followed by `*`. */
export const isTopicPattern = (text: string): boolean => TOPIC_PATTERN.test(text);

/**
 * Whether a topic pattern matches a name. `news/a` matches this name alone, `news/*` all names that begin with `news/`,
 * however deep, and `*` all names. `*` is special at the end only. A pattern in place of the name is matched if the
 * first one matches all names of it.
 */
export const matchesPattern = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.length >= pattern.length && name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** Whether there is a name that both topic patterns match: of two such patterns, one matches all names of the other. */
export const haveCommonName = (pattern: string, other: string): boolean =>
  matchesPattern(pattern, other) || matchesPattern(other, pattern);

/**
 * Replaces each `${sub}` of a pattern by the token's subject. Returns undefined, which matches nothing, if the pattern
 * names a subject that is not one segment of a topic (letters, digits, `_`, `-` and `.`), or if the result is no topic
 * pattern: a subject `*` or `a/b` would otherwise widen what the pattern permits.
 */
export function withSubject(pattern: string, subject: string): string | undefined {
  if (pattern.includes(SUBJECT) && !SUBJECT_IN_PATTERN.test(subject)) return undefined;
  const filled = pattern.replaceAll(SUBJECT, () => subject);
  return isTopicPattern(filled) ? filled : undefined;
}
