import type { Command } from './command.ts';
import { ASYNCAPI } from './commands/asyncapi.ts';
import { CONNECTIONS } from './commands/connections.ts';
import { COST } from './commands/cost.ts';
import { DOCTOR } from './commands/doctor.ts';
import { FAILURES } from './commands/failures.ts';
import { GROW } from './commands/grow.ts';
import { INIT } from './commands/init.ts';
import { LIFT } from './commands/lift.ts';
import { PUBLISH } from './commands/publish.ts';
import { REPLAY } from './commands/replay.ts';
import { REVOCATIONS } from './commands/revocations.ts';
import { REVOKE } from './commands/revoke.ts';
import { STATS } from './commands/stats.ts';
import { TAIL } from './commands/tail.ts';
import { TOKEN } from './commands/token.ts';
import { TRACE } from './commands/trace.ts';
import type { Options } from './options.ts';
import { START } from './start.ts';

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  INIT,
  TAIL,
  TRACE,
  STATS,
  DOCTOR,
  FAILURES,
  REPLAY,
  PUBLISH,
  CONNECTIONS,
  GROW,
  COST,
  ASYNCAPI,
  TOKEN,
  REVOKE,
  REVOCATIONS,
  LIFT,
];

/**
 * The options of all commands. An option has the same type in each of its commands: options may precede the command.
 */
export const ALL_OPTIONS: Options = Object.assign({}, ...COMMANDS.map(({ options }) => options));

const COMMON_HELP = `Every command:
  --url URL                 the local runtime (default: http://127.0.0.1:$PORT, else port 4000)
  --stack NAME --region R   a deployed stack, by its outputs and your AWS credentials
  --instance NAME           the Distributary of this construct id, where a stack has several
  --json                    results as JSON on standard output, and nothing else there
  --help                    this text
  --version                 the version, and nothing else

Exit codes: 0 done · 1 failed, incomplete, or the stack has a problem · 2 the command line is wrong`;

/** The help of the whole command line. */
export const HELP = `Runs a Distributary app on this machine, inspects a stack and repairs what went wrong.

  distributary COMMAND [options]          options may also precede the command

${[START, ...COMMANDS].map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}

  distributary COMMAND --help explains a command, with examples.

${COMMON_HELP}`;

/** Returns the help of one command. */
export const helpOf = ({ summary, help }: Command): string => `${summary}\n\n${help}\n\n${COMMON_HELP}`;
