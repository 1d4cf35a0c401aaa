import type { Command, ExitCode, Invocation } from '../command.ts';
import { UsageError } from '../operator-error.ts';
import { countOption, isSet, limitOf, textOption } from '../options.ts';
import { replay } from '../replay/replay.ts';
import { DEFAULT_STATE_FILE } from '../replay/replay-state.ts';
import { selectionOf } from '../replay/selection.ts';

/** The command `replay`: broadcasts records of the stream or the archive again. */
export const REPLAY: Command = {
  name: 'replay',
  summary: 'Deliver changes again, unchanged, by the code of the broadcast Lambda.',
  help: `  distributary replay WHAT [TO WHOM] [options]

  What, one of:
    --topic T --from SEQ --to SEQ   from the archive; what it lacks from the stream
    --since 20m                     all topics since then (s, m, h, d): from the stream, older ones from the archive
    --failure ID                    a batch that was given up; removed when every record is delivered
    --all-failures
    --resume                        the rest of an interrupted replay
  To whom: all current subscribers, or
    --dry-run                       nobody: shows who would receive what
    --to-connection ID              one connection, for its subscriptions; fails if it is gone, or nothing is due to it
  Options:
    --rate N                        changes a second (default: no limit)
    --state FILE                    the file that keeps the progress (default ${DEFAULT_STATE_FILE})
    --limit N                       rows of a dry run (default 50)

  Seqs do not change: the client library drops repeats and delivers what was missed. Ctrl-C ends the replay after the
  current batch, and says how to continue.

  The summary adds up. read = sent + sent before an interrupt + replaced (repeats, older values of a counter) + of an
  earlier epoch + no change + poison + left. due (messages times connections) = delivered + already gone + throttled +
  failed.

  distributary replay --topic news --from 120 --to 140 --dry-run
  distributary replay --since 20m --rate 200
  distributary replay --resume`,
  options: {
    topic: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    since: { type: 'string' },
    failure: { type: 'string' },
    'all-failures': { type: 'boolean' },
    resume: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    'to-connection': { type: 'string' },
    rate: { type: 'string' },
    state: { type: 'string' },
    limit: { type: 'string' },
  },
  run: runCommand,
};

/** The options that a resumed replay takes from its state file. */
const FIXED = ['topic', 'from', 'to', 'since', 'failure', 'all-failures', 'to-connection', 'dry-run'] as const;

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const { positionals, values } = invocation;
  if (positionals.length > 0) throw new UsageError(`${positionals[0]} is no option. Say what to replay by options.`);
  const isResume = isSet(values, 'resume');
  const extra = FIXED.find((name) => values[name] !== undefined);
  if (isResume && extra !== undefined) throw new UsageError(`--${extra} cannot be changed by --resume.`);
  const stray = (['from', 'to'] as const).find((name) => values[name] !== undefined && values['topic'] === undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} belongs to --topic.`);
  return replay(invocation, {
    selection: isResume ? undefined : selectionOf(values, Date.now()),
    toConnection: textOption(values, 'to-connection'),
    isDryRun: isSet(values, 'dry-run'),
    rate: countOption(values, 'rate'),
    stateFile: textOption(values, 'state') ?? DEFAULT_STATE_FILE,
    limit: limitOf(values),
  });
}
