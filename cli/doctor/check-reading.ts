import { runBounded } from '../../shared/run-bounded.ts';
import type { MessageHead } from '../../shared/store/head.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { counted, duration } from '../output.ts';
import { listHeads } from '../../shared/store/operator-heads.ts';
import { tableOf } from '../table-of.ts';
import { listSeqs } from './check-archive.ts';
import { type Finding, ok, problem } from './finding.ts';

const CHECK = 'reading of the stream';

/** The age in ms up to which a message may still be on its way to the archive. */
const SETTLE_MS = 10_000;

/**
 * Checks that the broadcast has read what was written: it archives a message before anything else. The age of an unread
 * message equals the metric IteratorAge, without a call of CloudWatch. Counters are not archived, so they are not
 * checked.
 */
export async function checkReading(backend: Backend): Promise<Finding[]> {
  const heads = (await listHeads(tableOf(backend, 'topicsTable'))).flatMap(({ head }) =>
    head?.kind === 'message' ? [head] : [],
  );
  const nowMs = Date.now();
  const settled = heads.filter(({ publishedAt }) => nowMs - publishedAt > SETTLE_MS);
  const found = await runBounded(settled, CLI_BOUNDS.READ_CONCURRENCY, async (head) =>
    readingFinding(head, [...(await listSeqs(backend, head))].at(-1), nowMs),
  );
  const problems = found.filter((finding) => finding !== undefined);
  if (problems.length > 0) return problems;
  if (settled.length === 0) return [ok(CHECK, `nothing was published longer than ${duration(SETTLE_MS)} ago`)];
  return [ok(CHECK, `the newest messages of ${counted(settled.length, 'topic')} were read and archived`)];
}

/** Returns the problem of a topic whose newest archived seq is `newest`; undefined when there is none. */
export function readingFinding(head: MessageHead, newest: number | undefined, nowMs: number): Finding | undefined {
  // The archive has none of its messages: all may have expired, since the head lives longer.
  if (newest === undefined || newest >= head.seq) return undefined;
  return problem(
    `${CHECK}: ${head.topic}`,
    `its newest ${counted(head.seq - newest, 'message')} never came to the archive, the last of them ${duration(nowMs - head.publishedAt)} old`,
    `Nothing reads the stream, the broadcast fails, or the records were given up: see the failures and mappings here, and the broadcast's errors in the log. Then distributary replay --topic ${head.topic} --from ${newest + 1} --to ${head.seq}`,
  );
}
