import type { Command, ExitCode, Invocation } from '../command.ts';
import { UsageError } from '../operator-error.ts';
import { countOf, isSet, limitOf, textOf } from '../options.ts';
import { replay } from '../replay/replay.ts';
import { DEFAULT_STATE_FILE } from '../replay/replay-state.ts';
import { selectionOf } from '../replay/selection.ts';

export const REPLAY: Command = {
  name: 'replay',
  summary: 'Deliver changes again, as they were, by the code that delivers them.',
  help: `  distributary replay WHAT [TO WHOM] [options]

  What, one of:
    --topic T --from SEQ --to SEQ   from the archive, and the stream for what that lacks
    --since 20m                     all topics of a time (s, m, h, d): from the stream, older ones from the archive
    --failure ID                    what was given up; removed when every record is delivered
    --all-failures
    --resume                        what is left of an interrupted replay
  To whom: all who are subscribed now, or
    --dry-run                       nobody: says who would get what
    --to-connection ID              one connection, where it is subscribed
  Options:
    --rate N                        changes a second (default: as fast as it goes)
    --state FILE                    where the place is kept (default ${DEFAULT_STATE_FILE})
    --limit N                       rows of a dry run (default 50)

  Seqs stay as they were: a client by the library drops what it has and takes what it missed. Ctrl-C ends it after the
  batch under way, and says how to go on.

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

/** What belongs to the replay that is continued. */
const FIXED = ['topic', 'from', 'to', 'since', 'failure', 'all-failures', 'to-connection', 'dry-run'] as const;

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const { positionals, values } = invocation;
  if (positionals.length > 0) throw new UsageError(`What is ${positionals[0]}? What to replay is said by options.`);
  const isResume = isSet(values, 'resume');
  const extra = FIXED.find((name) => values[name] !== undefined);
  if (isResume && extra !== undefined) throw new UsageError(`--${extra} is as it was when the replay began.`);
  const stray = (['from', 'to'] as const).find((name) => values[name] !== undefined && values['topic'] === undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} belongs to --topic.`);
  return replay(invocation, {
    selection: isResume ? undefined : selectionOf(values, Date.now()),
    toConnection: textOf(values, 'to-connection'),
    isDryRun: isSet(values, 'dry-run'),
    rate: countOf(values, 'rate'),
    stateFile: textOf(values, 'state') ?? DEFAULT_STATE_FILE,
    limit: limitOf(values),
  });
}
