import type { Backend } from '../backend.ts';
import type { ExitCode, Invocation } from '../command.ts';
import { OperatorError } from '../operator-error.ts';
import { createDueTable } from './due-table.ts';
import { openBroadcast } from './broadcast-deps.ts';
import { createPace } from './pace.ts';
import { type ReplayPlan, planReplay } from './plan.ts';
import { createProgress } from './progress.ts';
import type { ReplayOptions } from './replay-options.ts';
import { readSelection, type SelectedRecords } from './read-selection.ts';
import { checkRecipient, explainNobody, isMissed } from './recipient.ts';
import { readState, removeState, type ReplayState, writeState } from './replay-state.ts';
import { type ReplayResult, runReplay } from './run-replay.ts';
import { foreseeSettling, NOTHING_SETTLED, settleFailures, type SettledFailures } from './settle-failures.ts';
import { showSummary } from './summary.ts';
import { add, NOTHING, type Tally } from './tally.ts';

/** Replays by the options, from reading the selection to the summary. */
export async function replay(invocation: Invocation, options: ReplayOptions): Promise<ExitCode> {
  const backend = await invocation.backend();
  const state = await startingState(backend, options);
  if (state.toConnection !== undefined) await checkRecipient(backend, state.toConnection);
  const read = await readSelection(backend, state.selection);
  const plan = await planReplay(backend, read, state.places);
  const table = createDueTable(options.limit);
  const result = await send(invocation, { backend, options, state, plan, onDue: table.add });
  const total = add(state.tally, result.tally);
  const failures = await settle({ backend, options, state, read, plan, result, total });
  if (result.left === 0) await finish(options);
  if (options.isDryRun) table.show(invocation.output);
  const rows = options.isDryRun ? table.rows() : undefined;
  const reached = { toConnection: state.toConnection, total };
  showSummary(invocation.output, {
    options,
    read,
    plan,
    result,
    total,
    failures,
    rows,
    nobody: explainNobody(reached),
  });
  const undone = result.left + total.throttled + total.failed + plan.poison.length + read.missing.length;
  const isWhole = undone + failures.kept.length === 0 && !isMissed(reached);
  return isWhole ? 0 : 1;
}

/**
 * Returns the state of a new or a resumed replay. Throws OperatorError when the state file does not fit the options.
 */
async function startingState(backend: Backend, options: ReplayOptions): Promise<ReplayState> {
  const { selection, stateFile, toConnection } = options;
  const waiting = await readState(stateFile);
  const stack = backend.stack.resources.callbackUrl;
  if (selection !== undefined) {
    if (waiting !== undefined && !options.isDryRun) throw new OperatorError(waitsIn(stateFile));
    return { version: 1, stack, selection, toConnection, places: {}, tally: NOTHING };
  }
  if (waiting === undefined)
    throw new OperatorError(`No interrupted replay is in ${stateFile}. Name another by --state.`);
  if (waiting.stack === stack) return waiting;
  throw new OperatorError(`The replay in ${stateFile} is of ${waiting.stack}, not of ${backend.stack.name}.`);
}

const waitsIn = (file: string): string =>
  `An interrupted replay is in ${file}. Continue it by distributary replay --resume, name another file by --state, or delete it.`;

interface Sending {
  readonly backend: Backend;
  readonly options: ReplayOptions;
  readonly state: ReplayState;
  readonly plan: ReplayPlan;
  readonly onDue: ReturnType<typeof createDueTable>['add'];
}

async function send(
  { output, interrupted }: Invocation,
  { backend, options, state, plan, onDue }: Sending,
): Promise<ReplayResult> {
  const sentSeqs: Record<string, number> = { ...state.places };
  const progress = createProgress(output, plan.changes.length, Date.now);
  const { isDryRun, stateFile } = options;
  // Before anything is sent: a state file that cannot be written must fail in time.
  if (!isDryRun) await writeState(stateFile, state);
  const result = await runReplay(
    {
      broadcast: openBroadcast(backend, state.toConnection),
      isDryRun,
      onDue,
      pace: createPace(isDryRun ? undefined : options.rate, Date.now),
      interrupted,
      onProgress: async (tally, done) => {
        for (const { head } of done) sentSeqs[head.topic] = head.seq;
        if (!isDryRun) await writeState(stateFile, { ...state, places: sentSeqs, tally: add(state.tally, tally) });
        if (!isDryRun) progress.show(tally);
      },
    },
    plan.changes,
  );
  if (!isDryRun && plan.changes.length > 0) progress.end(result.tally);
  return result;
}

interface Settling extends Omit<Sending, 'onDue'> {
  readonly read: SelectedRecords;
  readonly result: ReplayResult;
  readonly total: Tally;
}

/** Removes the failures whose records were all delivered. What was sent to one connection only keeps its failure. */
async function settle({ backend, options, state, read, plan, result, total }: Settling): Promise<SettledFailures> {
  const keepAll = (reason: string): SettledFailures => ({
    ...NOTHING_SETTLED,
    kept: read.failures.map(({ object: { id } }) => ({ id, reason })),
  });
  if (result.left > 0) return keepAll('the replay is not complete');
  if (state.toConnection !== undefined) return keepAll('it was sent to one connection only');
  if (options.isDryRun) return foreseeSettling(backend, read.failures, plan);
  const missed = total.throttled + total.failed;
  if (missed > 0) return keepAll(`${missed} of ${total.due} messages were not taken: replay it again, or discard it`);
  return settleFailures(backend, read.failures, plan);
}

const finish = async ({ isDryRun, stateFile }: ReplayOptions): Promise<void> => {
  if (!isDryRun) await removeState(stateFile);
};
