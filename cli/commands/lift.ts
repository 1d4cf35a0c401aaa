import { lift } from '../../shared/store/revocations.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { OperatorError } from '../operator-error.ts';
import { patternOption, refusePositionals, subjectOption, revocationsOf } from '../revocation-options.ts';

/** The command that ends a revocation before its time. */
export const LIFT: Command = {
  name: 'lift',
  summary: 'Lift a revocation before its time is over.',
  help: `  distributary lift --sub SUBJECT [--topic PATTERN]
    --sub SUBJECT         whose revocations
    --topic PATTERN       only the revocation of exactly this pattern (default: all of the subject)

  A connection has the permission again from its next handshake on. One that was opened meanwhile, with what was left, keeps
  what it has. Exit code 1: there was nothing to lift.

  distributary lift --sub ann
  distributary lift --sub ann --topic 'news/*'`,
  options: { sub: { type: 'string' }, topic: { type: 'string' } },
  run: liftNow,
};

async function liftNow({ positionals, values, output, backend }: Invocation): Promise<ExitCode> {
  refusePositionals('lift', positionals);
  const [subject, pattern] = [subjectOption(values), patternOption(values)];
  const lifted = await lift(revocationsOf(await backend()), subject, pattern);
  if (lifted.length === 0) {
    const what = pattern === undefined ? 'Nothing is revoked' : `${pattern} is not revoked`;
    throw new OperatorError(`${what} for ${subject}. See distributary revocations list`);
  }
  output.line(`lifted ${lifted.join(' ')} for ${subject}: connections have it again from their next handshake on`);
  output.data({ subject, lifted });
  return 0;
}
