import type { CatchUpStamp } from '../../shared/store/operator-catch-up.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import {
  describeCatchUps,
  describeRecords,
  describeTableRecord,
  type Failure,
  subjectOf,
} from '../failures/failure.ts';
import { findFailure, listFailures, readFailures, removeFailure, removeFailures } from '../failures/failure-store.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { isSet, limitOf, textOption } from '../options.ts';
import { counted, figure } from '../output.ts';
import { replay } from '../replay/replay.ts';
import { DEFAULT_STATE_FILE } from '../replay/replay-state.ts';
import type { ReadImage } from '../stream/topic-record.ts';

/** The command `failures`: lists, shows, replays and discards failures. */
export const FAILURES: Command = {
  name: 'failures',
  summary: 'List, show, replay or discard the batches that Lambda gave up.',
  help: `  distributary failures [list]         the newest first; --limit N (default 50)
  distributary failures show ID        its records; an id may be shortened while it is unique
  distributary failures replay ID      delivers its records, by seq; removes it when every record is delivered
    --dry-run                          shows who would receive what, and sends nothing
  distributary failures discard ID     deletes it; --yes without asking
  distributary failures discard --all  deletes all of them, after one question

  A catch-up is not sent from here: its subscription gets a new stamp, so that the catch-up Lambda repeats it. If its
  connection is gone, nothing is due and its failure is removed.
  Records of a table that the application has are published by the source's function, under the same keys: one that was
  published within the last day is not published again. What still cannot be published keeps its failure.
  A poison record (a malformed change) is never sent: it is named, and its failure stays until you discard it.
  To replay all failures at once: distributary replay --all-failures

  distributary failures list
  distributary failures replay 3f2a --dry-run
  distributary failures discard 3f2a --yes
  distributary failures discard --all`,
  options: {
    limit: { type: 'string' },
    yes: { type: 'boolean' },
    all: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    state: { type: 'string' },
  },
  run: async (invocation) => {
    const [verb = 'list', id, ...more] = invocation.positionals;
    const isAll = isSet(invocation.values, 'all');
    if (!VERBS.includes(verb)) throw new UsageError(`There is no failures ${verb}: list, show, replay or discard.`);
    if (isAll && verb !== 'discard') throw new UsageError('--all belongs to failures discard.');
    if (verb === 'list' && id === undefined) return list(invocation);
    if (isAll && id === undefined) return discardAll(invocation);
    if (id === undefined || isAll || more.length > 0 || verb === 'list') throw new UsageError(USES);
    if (verb === 'show') return show(invocation, id);
    return verb === 'replay' ? replayOne(invocation, id) : discard(invocation, id);
  },
};

const VERBS: readonly string[] = ['list', 'show', 'replay', 'discard'];
const USES = 'Use `failures list`, `failures show|replay|discard ID` or `failures discard --all`.';

async function list({ values, output, backend }: Invocation): Promise<ExitCode> {
  const limit = limitOf(values);
  const opened = await backend();
  const all = await listFailures(opened);
  const failures = await readFailures(opened, all.slice(0, limit));
  for (const failure of failures) output.data(summaryOf(failure));
  output.table(
    ['id', 'written', 'records', 'why', 'tries', 'what'],
    failures.map((failure) => [
      failure.object.id,
      failure.object.writtenAt.toISOString(),
      figure(countRecords(failure)),
      failure.condition,
      figure(failure.tries),
      whatOf(failure),
    ]),
  );
  const rest = all.length - failures.length;
  output.note(`${counted(all.length, 'failure')}${rest > 0 ? `, ${rest} not shown: --limit ${all.length}` : ''}`);
  return 0;
}

/** The number of topics that a row names; `show` lists all. */
const NAMED_TOPICS = 3;

function whatOf(failure: Failure): string {
  const { stream, functionName } = failure;
  if (stream === 'other') return `a batch of ${functionName}`;
  if (stream === 'unreadable') return 'unreadable';
  const topics = describe(failure);
  const rest = topics.length - NAMED_TOPICS;
  return `${topics.slice(0, NAMED_TOPICS).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}

function describe({ stream, records, catchUps, tableRecords }: Failure): string[] {
  if (stream === 'table') return tableRecords.map(describeTableRecord);
  return stream === 'subscriptions' ? describeCatchUps(catchUps) : describeRecords(records);
}

/** Returns the number of records in a failure: changes, poison, catch-ups, and records of a table. */
const countRecords = ({ records, catchUps, tableRecords }: Failure): number =>
  records.length + catchUps.length + tableRecords.length;

const summaryOf = (failure: Failure) => ({
  id: failure.object.id,
  key: failure.object.key,
  writtenAt: failure.object.writtenAt.toISOString(),
  stream: failure.stream,
  function: failure.functionName,
  condition: failure.condition,
  tries: failure.tries,
  records: countRecords(failure),
  what: describe(failure),
});

async function readOne(backend: Backend, id: string): Promise<Failure> {
  const [failure] = await readFailures(backend, [findFailure(await listFailures(backend), id)]);
  if (failure === undefined) throw new OperatorError(`The failure ${id} has been removed meanwhile.`);
  return failure;
}

async function show({ values, output, backend }: Invocation, id: string): Promise<ExitCode> {
  const failure = await readOne(await backend(), id);
  const limit = limitOf(values);
  const contents = [
    ...failure.records.map(contentOf),
    ...failure.catchUps.map(contentOfCatchUp),
    ...failure.tableRecords.map((record): Content => ({ topic: '-', what: describeTableRecord(record) })),
  ].slice(0, limit);
  output.data({ ...summaryOf(failure), contents });
  const { object, condition, tries, functionName } = failure;
  output.line(`${object.id}  ${condition} after ${counted(tries, 'try', 'tries')}, by ${functionName}`);
  output.line(`${object.key}, ${figure(object.bytes)} bytes, ${object.writtenAt.toISOString()}`);
  output.table(
    ['topic', 'seq', 'published', 'what'],
    contents.map(({ topic, seq, publishedAt, what }) => [topic, String(seq ?? '-'), publishedAt ?? '-', what]),
  );
  output.note(counted(countRecords(failure), 'record'));
  return 0;
}

interface Content {
  readonly topic: string;
  readonly seq?: number;
  readonly publishedAt?: string;
  readonly what: string;
}

function contentOf(record: ReadImage): Content {
  if (record.kind === 'poison') return { topic: record.topic, what: `poison: ${record.reason}` };
  if (record.kind === 'other') return { topic: record.topic, what: 'no change of a topic' };
  const { head } = record;
  const what = head.kind === 'counter' ? `counter ${head.value}` : counted(Buffer.byteLength(head.message), 'byte');
  return { topic: head.topic, seq: head.seq, publishedAt: new Date(head.publishedAt).toISOString(), what };
}

const contentOfCatchUp = (catchUp: CatchUpStamp): Content => ({
  topic: subjectOf(catchUp),
  what: `catch-up of ${catchUp.connectionId}`,
});

async function replayOne(invocation: Invocation, id: string): Promise<ExitCode> {
  const { values } = invocation;
  const { object } = await readOne(await invocation.backend(), id);
  return replay(invocation, {
    selection: { kind: 'failures', ids: [object.id] },
    toConnection: undefined,
    isDryRun: isSet(values, 'dry-run'),
    rate: undefined,
    stateFile: textOption(values, 'state') ?? DEFAULT_STATE_FILE,
    limit: limitOf(values),
  });
}

async function discard({ output, backend, confirm }: Invocation, id: string): Promise<ExitCode> {
  const opened = await backend();
  const failure = await readOne(opened, id);
  const what = `${counted(countRecords(failure), 'record')}: ${whatOf(failure)}`;
  if (!(await confirm(`Discard ${failure.object.id} for good (${what})?`)))
    throw new OperatorError('Nothing was discarded.');
  await removeFailure(opened, failure.object.key);
  output.line(`discarded ${failure.object.id} (${what})`);
  output.data({ discarded: failure.object.id });
  return 0;
}

/** Deletes the failures that the question counted, a few at a time, until an interrupt. Later ones stay. */
async function discardAll({ output, backend, confirm, interrupted }: Invocation): Promise<ExitCode> {
  const opened = await backend();
  const found = await listFailures(opened);
  if (found.length === 0) {
    output.line('There is no failure to discard.');
    output.data({ discarded: 0 });
    return 0;
  }
  const count = counted(found.length, 'failure');
  if (!(await confirm(`Discard all for good (${count})?`))) throw new OperatorError('Nothing was discarded.');
  const discarded = await removeFailures(opened, found, interrupted);
  output.line(`discarded ${discarded === found.length ? count : `${figure(discarded)} of ${count}`}`);
  output.data({ discarded });
  if (found.length >= CLI_BOUNDS.FAILURES) output.note('There may be more: no more are listed at once. Run it again.');
  return discarded === found.length ? 0 : 1;
}
