import { listRevocations, type Revocation } from '../../shared/store/revocations.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { UsageError } from '../operator-error.ts';
import { limitOf } from '../options.ts';
import { counted, duration } from '../output.ts';
import { revocationsOf } from '../revocation-options.ts';

/** The command that lists what is revoked. */
export const REVOCATIONS: Command = {
  name: 'revocations',
  summary: 'List what is revoked, for whom and until when.',
  help: `  distributary revocations [list]         by subject
    --limit N                             rows to show (default 50)

  The list comes from an index, which shows a new revocation after a moment. Revocations whose time is over are not listed.

  distributary revocations list
  distributary revocations --json`,
  options: { limit: { type: 'string' } },
  run: async (invocation) => {
    const [verb = 'list', ...more] = invocation.positionals;
    if (verb === 'list' && more.length === 0) return list(invocation);
    throw new UsageError('Use `revocations list`; `revoke` and `lift` change them.');
  },
};

async function list({ values, output, backend }: Invocation): Promise<ExitCode> {
  const limit = limitOf(values);
  const { shown, hasMore } = await readUpTo(limit, listRevocations(revocationsOf(await backend())));
  const ends = shown.map(({ until }) => new Date(until).toISOString());
  for (const [index, { subject, pattern }] of shown.entries()) output.data({ subject, pattern, until: ends[index] });
  output.table(
    ['subject', 'pattern', 'until', 'ends in'],
    shown.map(({ subject, pattern, until }, index) => [
      subject,
      pattern,
      ends[index] ?? '',
      duration(until - Date.now()),
    ]),
  );
  output.note(`${counted(shown.length, 'revocation')}${hasMore ? ', more are not shown: see --limit' : ''}`);
  return 0;
}

/** Reads the first revocations, and whether there is a further one. */
async function readUpTo(limit: number, revocations: AsyncIterable<Revocation>) {
  const shown: Revocation[] = [];
  for await (const revocation of revocations) {
    if (shown.length === limit) return { shown, hasMore: true };
    shown.push(revocation);
  }
  return { shown, hasMore: false };
}
