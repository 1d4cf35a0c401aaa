import { runBounded } from '../../shared/run-bounded.ts';
import type { MessageHead } from '../../shared/store/head.ts';
import { listArchivedSeqs } from '../../shared/store/operator-messages.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { counted } from '../output.ts';
import { type ListedHead, listHeads } from '../../shared/store/operator-heads.ts';
import { tableOf } from '../table-of.ts';
import { describeUnknownTopic } from '../near-names.ts';
import { topicSettingsOf } from '../topic-settings-of.ts';
import { type Finding, ok, problem, skipped } from './finding.ts';

/** Finds holes below the newest archived seq. A client that was away over a hole cannot recover. */
export async function checkArchive(backend: Backend, topic: string | undefined): Promise<Finding[]> {
  const listed = await listHeads(tableOf(backend, 'topicsTable'));
  const unknown = topic === undefined ? undefined : findUnchecked(listed, topic);
  if (unknown !== undefined) return [unknown];
  const settingsOf = topicSettingsOf(backend.stack);
  const isArchived = (each: string): boolean => settingsOf(each).lastValueOnly !== true;
  if (topic !== undefined && !isArchived(topic)) {
    return [skipped(`archive of ${topic}`, 'the topic keeps its last value only, which is not archived')];
  }
  const heads = listed.flatMap(({ head }) => (head?.kind === 'message' && isArchived(head.topic) ? [head] : []));
  const chosen = heads.filter((head) => topic === undefined || head.topic === topic);
  const found = await runBounded(chosen, CLI_BOUNDS.READ_CONCURRENCY, (head) => checkTopic(backend, head));
  const problems = found.filter((finding) => finding !== undefined);
  if (problems.length > 0) return problems;
  const which = topic ?? counted(chosen.length, 'topic');
  return [ok('archive', `no hole in the newest messages of ${which}`)];
}

/** Returns the finding on a topic that has no archive to check; undefined for one that has. */
export function findUnchecked(listed: readonly ListedHead[], topic: string): Finding | undefined {
  const found = listed.find((each) => each.topic === topic);
  const check = `archive of ${topic}`;
  if (found === undefined) {
    const names = listed.map((each) => each.topic);
    return problem(check, describeUnknownTopic(topic, names), 'Check the name: distributary stats lists the topics.');
  }
  if (found.head === undefined) return skipped(check, 'its item is malformed (above)');
  if (found.head.kind === 'counter') return skipped(check, 'a counter is not archived');
  return undefined;
}

async function checkTopic(backend: Backend, head: MessageHead): Promise<Finding | undefined> {
  const archived = await listSeqs(backend, head);
  const [oldest, newest] = [[...archived].at(0), [...archived].at(-1)];
  if (oldest === undefined || newest === undefined) return undefined;
  const missing = Array.from({ length: newest - oldest }, (_, index) => oldest + index).filter(
    (seq) => !archived.has(seq),
  );
  const [first, last] = [missing.at(0), missing.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return problem(
    `archive of ${head.topic}`,
    `${counted(missing.length, 'message')} from ${first} to ${last} are not there`,
    `The stream may have them: distributary replay --topic ${head.topic} --from ${first} --to ${last}; else see distributary failures list`,
  );
}

/** Lists the seqs of the topic's present epoch that the archive has, among its newest, ascending. */
export const listSeqs = (backend: Backend, { topic, epoch, seq }: MessageHead): Promise<Set<number>> =>
  listArchivedSeqs(tableOf(backend, 'messagesTable'), { topic, epoch, afterSeq: seq - CLI_BOUNDS.ARCHIVE_DEPTH });
