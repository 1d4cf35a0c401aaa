import { randomUUID } from 'node:crypto';
import { isSubject } from '../shared/auth/subject.ts';
import { isTopicPattern } from '../shared/auth/topic-pattern.ts';
import type { RevocationStoreDeps } from '../shared/store/revocations.ts';
import type { Backend } from './backend.ts';
import { UsageError } from './operator-error.ts';
import { type OptionValues, textOption } from './options.ts';
import { tableOf } from './table-of.ts';

/** The pattern that stands for all permissions of a subject. */
export const EVERYTHING = '*';

/** Returns the subject that `--sub` names. Throws UsageError without it, and for one that no token can have. */
export function subjectOption(values: OptionValues): string {
  const subject = textOption(values, 'sub');
  if (subject === undefined) throw new UsageError('Name the subject of the tokens: --sub ann, say.');
  if (isSubject(subject)) return subject;
  throw new UsageError('--sub is no subject of a token: 1 to 128 characters, without control characters.');
}

/** Returns the topic pattern that `--topic` names; undefined without it. Throws UsageError. */
export function patternOption(values: OptionValues): string | undefined {
  const pattern = textOption(values, 'topic');
  if (pattern === undefined || isTopicPattern(pattern)) return pattern;
  throw new UsageError(
    `--topic: ${pattern} is not a pattern. Write one name (news), or a start of names (news/*), or *.`,
  );
}

/** Throws UsageError for a positional argument of a command that takes none. */
export function refusePositionals(command: string, [first]: readonly string[]): void {
  if (first !== undefined) throw new UsageError(`${first} is not an option of ${command}. See ${command} --help.`);
}

/** Returns the revocations of a stack as the functions of shared/store/ take them. */
export const revocationsOf = (backend: Backend): RevocationStoreDeps => ({
  ...tableOf(backend, 'subscriptionsTable'),
  now: Date.now,
  newStamp: randomUUID,
});
