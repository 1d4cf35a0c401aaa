import type { Command } from './command.ts';
import { CONNECTIONS } from './commands/connections.ts';
import { COST } from './commands/cost.ts';
import { DOCTOR } from './commands/doctor.ts';
import { FAILURES } from './commands/failures.ts';
import { GROW } from './commands/grow.ts';
import { PUBLISH } from './commands/publish.ts';
import { REPLAY } from './commands/replay.ts';
import { STATS } from './commands/stats.ts';
import { TAIL } from './commands/tail.ts';
import { TRACE } from './commands/trace.ts';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
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
];

const COMMON_HELP = `Every command:
  --url URL                 the local runtime (default: http://127.0.0.1:$PORT, else port 4000)
  --stack NAME --region R   a deployed stack, by its outputs and your AWS credentials
  --json                    results as JSON on standard output, and nothing else there
  --help                    this text

Exit codes: 0 done · 1 not, or not wholly, or something is wrong with the stack · 2 the command line is wrong`;

/** Help for the whole. */
export const HELP = `Looks into a Distributary stack, and puts right what went wrong.

  distributary COMMAND [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}

  distributary COMMAND --help says more of each, with examples.

${COMMON_HELP}`;

/** Help for one command. */
export const helpOf = ({ summary, help }: Command): string => `${summary}\n\n${help}\n\n${COMMON_HELP}`;
