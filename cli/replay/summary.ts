import { counted, figure, type Output } from '../output.ts';
import type { ReplayPlan } from './plan.ts';
import type { ReplayOptions } from './replay-options.ts';
import type { Reading } from './reading.ts';
import type { ReplayResult } from './run-replay.ts';
import type { ForeseenCatchUp, PublishedFailure, SettledFailures } from './settle-failures.ts';
import type { Tally } from './tally.ts';

/** The summary that a replay prints at its end. */
export interface Summary {
  readonly options: Pick<ReplayOptions, 'isDryRun' | 'stateFile' | 'limit'>;
  readonly read: Reading;
  readonly plan: ReplayPlan;
  readonly result: ReplayResult;
  /** The sum of this run and of those it resumes. */
  readonly total: Tally;
  readonly failures: SettledFailures;
  /** The sentence that says why nothing was due to anybody; undefined where something was. */
  readonly nobody: string | undefined;
  /** The rows of a dry run. */
  readonly rows: readonly object[] | undefined;
}

/** The number of poison records and of missing seqs that are named; the others are counted. */
const NAMED = 10;

/** Shows the result of every record that was read and of every message that was due, each as a sum that adds up. */
export function showSummary(output: Output, summary: Summary): void {
  const { options, read, plan, result, total, failures, rows } = summary;
  const { isDryRun } = options;
  const records = recordsOf(plan, result, isDryRun);
  const missing = read.missing.length;
  const { due } = result.tally;
  const came = isDryRun
    ? { deliveries: { due }, rows, catchUps: failures.foreseen.slice(0, options.limit), kept: failures.kept }
    : { deliveries: result.tally, total, failures };
  if (isDryRun) showForeseen(output, failures.foreseen, options.limit);
  output.data({ dryRun: isDryRun, read: plan.read, records, missing, ...came });
  output.line(sumOf('read', plan.read, records));
  output.line(isDryRun ? `due ${figure(due)}, of which none was sent: a dry run` : deliveriesOf(result.tally));
  if (total.records > result.tally.records) output.line(`with the runs before: ${deliveriesOf(total)}`);
  for (const line of remarksOf(summary)) output.note(line);
  for (const { id, reason } of failures.kept) output.note(`${isDryRun ? 'would keep' : 'kept'} ${id}: ${reason}`);
  if (isDryRun) for (const each of failures.published) output.line(`would have ${describePublished(each)}`);
  for (const id of failures.removed) output.line(`removed ${id} from the failures: ${whyRemoved(id, failures)}`);
}

const FORESEEN: Readonly<Record<ForeseenCatchUp['result'], string>> = {
  asked: 'it would be asked for again',
  superseded: 'nothing: the client has asked for it again itself',
  gone: 'nothing: the subscription is gone',
};

/** Shows what a replay would do about each catch-up, up to `limit` rows, and how many it would ask for again. */
function showForeseen(output: Output, foreseen: readonly ForeseenCatchUp[], limit: number): void {
  if (foreseen.length === 0) return;
  const rows = foreseen.slice(0, limit);
  output.table(
    ['connection', 'catch-up of', 'what would be done'],
    rows.map(({ connectionId, subject, result }) => [connectionId, subject, FORESEEN[result]]),
  );
  const rest = foreseen.length - rows.length;
  if (rest > 0) output.line(`and ${counted(rest, 'catch-up')} more, not shown: --limit N`);
  const asked = foreseen.filter(({ result }) => result === 'asked').length;
  output.note(`${counted(asked, 'catch-up')} would be asked for again.`);
}

const describePublished = ({ records, functionName }: PublishedFailure): string =>
  `${counted(records, 'record')} published again by ${functionName}`;

function whyRemoved(id: string, { caughtUp, published }: SettledFailures): string {
  const again = published.find((each) => each.id === id);
  if (again !== undefined) return describePublished(again);
  const came = caughtUp.find((each) => each.id === id);
  if (came === undefined) return 'all of it is delivered';
  const { asked, superseded, gone } = came;
  return `${counted(asked, 'catch-up')} asked for again, ${superseded} that the client has asked for again itself, ${gone} whose subscription is gone`;
}

const recordsOf = (plan: ReplayPlan, { tally, left }: ReplayResult, isDryRun: boolean) => ({
  ...(isDryRun ? { toSend: tally.records } : { sent: tally.records }),
  sentBefore: plan.doneBefore,
  replaced: plan.replaced,
  earlierEpoch: plan.earlierEpoch.length,
  noChange: plan.others,
  poison: plan.poison.length,
  left,
});

/** The names of the parts of a sum, for people. */
const NAMES: Readonly<Record<string, string>> = {
  toSend: 'to send',
  sentBefore: 'sent before',
  earlierEpoch: 'of an earlier epoch',
  noChange: 'no change',
};

function sumOf(name: string, sum: number, parts: Readonly<Record<string, number>>): string {
  const named = Object.entries(parts).filter(([part, count]) => count > 0 || part === 'sent' || part === 'toSend');
  return `${name} ${figure(sum)} = ${named.map(([part, count]) => `${figure(count)} ${NAMES[part] ?? part}`).join(' + ')}`;
}

const deliveriesOf = ({ due, delivered, gone, throttled, failed }: Tally): string =>
  `due ${figure(due)} = ${figure(delivered)} delivered + ${figure(gone)} already gone + ${figure(throttled)} throttled + ${figure(failed)} failed`;

function remarksOf({ options, read, plan, result, nobody }: Summary): string[] {
  const poison = plan.poison.slice(0, NAMED).map((one) => `poison: ${one}`);
  const rest = plan.poison.length - poison.length;
  return [
    ...poison,
    ...(rest > 0 ? [`and ${counted(rest, 'poison record')} more`] : []),
    ...missingIn(read.missing),
    ...(nobody === undefined ? [] : [nobody]),
    ...(result.reason === undefined ? [] : [`Stopped: ${result.reason}.`]),
    ...(result.left > 0 && !options.isDryRun ? [continueBy(options.stateFile)] : []),
  ];
}

function missingIn(missing: readonly number[]): string[] {
  if (missing.length === 0) return [];
  const more = missing.length > NAMED ? ', …' : '';
  return [
    `neither in the archive nor in the stream: ${counted(missing.length, 'seq')} (${missing.slice(0, NAMED).join(', ')}${more})`,
  ];
}

const continueBy = (file: string): string =>
  `Not all is sent. The progress is kept in ${file}: continue by distributary replay --resume --state ${file}`;
