import { revoke } from '../../shared/store/revocations.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { UsageError } from '../operator-error.ts';
import { durationOption, type OptionValues } from '../options.ts';
import { EVERYTHING, patternOption, refusePositionals, subjectOption, revocationsOf } from '../revocation-options.ts';

/** The time in ms of a revocation without `--for`, 24 hours. */
const DAY_MS = 86_400_000;

/** The command that takes permissions from the tokens of a subject before they end. */
export const REVOKE: Command = {
  name: 'revoke',
  summary: 'Revoke what the tokens of a subject permit, at once.',
  help: `  distributary revoke --sub SUBJECT [--topic PATTERN] [--for TIME]
    --sub SUBJECT         whose tokens: the claim sub
    --topic PATTERN       the topics and counters that are revoked (default: *, everything)
    --for TIME            until when: 1s to 30d from now (default: 24h), at least the life of the tokens

  The open connections of the subject get the error revoked and are closed. A handshake under an old token gets what is left:
  after * it is refused with 403, after news/* the topics below news/ are forbidden. Tokens that are issued later are revoked
  too, until the time is over or the revocation is lifted: take the permissions from the identity provider as well.
  Revocations of one subject add up. The same PATTERN again replaces its time.
  In quotes, so that the shell does not take the * for names of files.

  distributary revoke --sub ann
  distributary revoke --sub ann --topic 'news/*' --for 1h`,
  options: { sub: { type: 'string' }, topic: { type: 'string' }, for: { type: 'string' } },
  run: revokeNow,
};

async function revokeNow({ positionals, values, output, backend }: Invocation): Promise<ExitCode> {
  refusePositionals('revoke', positionals);
  const subject = subjectOption(values);
  const pattern = patternOption(values) ?? EVERYTHING;
  const lifeMs = readLife(values);
  const deps = revocationsOf(await backend());
  const until = deps.now() + lifeMs;
  await revoke(deps, { subject, pattern, until });
  const end = new Date(until).toISOString();
  output.line(`revoked ${pattern} for ${subject}, until ${end}`);
  output.data({ subject, pattern, until: end });
  return 0;
}

function readLife(values: OptionValues): number {
  const lifeMs = durationOption(values, 'for') ?? DAY_MS;
  if (lifeMs <= CLI_BOUNDS.REVOCATION_MS) return lifeMs;
  throw new UsageError('--for is at most 30d.');
}
