import { matchesPattern } from '../auth/topic-pattern.ts';

/**
 * Returns the most specific of the topic patterns that match a name: the name itself, or else the longest pattern.
 * Returns undefined if none matches.
 */
export function findPattern(patterns: Iterable<string>, name: string): string | undefined {
  let found: string | undefined;
  for (const pattern of patterns) {
    if (pattern === name) return pattern;
    if (matchesPattern(pattern, name) && pattern.length > (found?.length ?? 0)) found = pattern;
  }
  return found;
}
