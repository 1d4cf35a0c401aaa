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

/** What was published this lately may still be on its way. */
const SETTLE_MS = 10_000;

/**
 * Whether the broadcast has read what was written: it archives a message before anything else. The age of what it has not read is
 * what the metric IteratorAge tells of a deployed stack, without a look at CloudWatch; of counters it tells nothing.
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

/** What is wrong with a topic whose newest archived seq is this. */
export function readingFinding(head: MessageHead, newest: number | undefined, nowMs: number): Finding | undefined {
  // Nothing of it is there: it may all have expired, and the head lives longer.
  if (newest === undefined || newest >= head.seq) return undefined;
  return problem(
    `${CHECK}: ${head.topic}`,
    `its newest ${counted(head.seq - newest, 'message')} never came to the archive, the last of them ${duration(nowMs - head.publishedAt)} old`,
    `Nobody reads the stream, the broadcast fails, or they were given up: see the failures and mappings here, and the broadcast's errors in the log. Then distributary replay --topic ${head.topic} --from ${newest + 1} --to ${head.seq}`,
  );
}
