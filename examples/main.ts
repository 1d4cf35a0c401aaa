import { parseArgs } from 'node:util';
import { chat } from './chat.ts';
import { counterExample } from './counter.ts';
import { type Example, ExampleUsageError } from './example.ts';
import { marko } from './marko.ts';
import { others } from './others.ts';
import { isReachable } from './reachable.ts';
import { topics } from './topics.ts';

const DEFAULT_URL = 'ws://127.0.0.1:4000/live';

const EXAMPLES: Readonly<Record<string, Example>> = { counter: counterExample, chat, marko, topics, others };

const HELP = `Small clients, one for each classic tutorial of a WebSocket API. Start a server first: npm start

  npm run example -- NAME [options]

  counter             a number shared by all; press + and -, q to quit
                        --by N            change it once by N (may be negative: --by=-2) and end
  chat                every line you type goes to everyone, by the tutorials' onMessage
  marko               sends Marko?, and the route $default answers Polo!
  topics publish      publishes a count to the topic general each second
  topics subscribe    subscribes to general by {"type":"subscribe"} and prints what comes
  others              publishes to the topic general, to all but itself, and prints what others publish there

  --url URL           the server                           (${DEFAULT_URL})
  --count N           end after N messages
  --seconds N         end after N seconds
  --help              this text

Each ends on Ctrl-C. Open two terminals to see two clients talk.`;

const OPTIONS = {
  url: { type: 'string', default: DEFAULT_URL },
  by: { type: 'string' },
  count: { type: 'string' },
  seconds: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const [name, ...rest] = positionals;
  if (values.help) return console.log(HELP);
  const example = name !== undefined && Object.hasOwn(EXAMPLES, name) ? EXAMPLES[name] : undefined;
  if (example === undefined)
    throw new ExampleUsageError(`${unknownName(name)} There are: ${Object.keys(EXAMPLES).join(', ')}.`);
  const limits = { by: wholeNumber('by', values.by), count: wholeNumber('count', values.count) };
  const stop = stopSignal(wholeNumber('seconds', values.seconds));
  if (!(await isReachable(values.url)))
    throw new ExampleUsageError(`No server at ${values.url}. Run \`npm start\` first.`);
  await example({ url: values.url, words: rest, stop, ...limits });
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new ExampleUsageError(`${error instanceof Error ? error.message : String(error)} Try --help.`);
  }
}

const unknownName = (name: string | undefined): string =>
  name === undefined ? 'Which example?' : `There is no example ${name}.`;

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw new ExampleUsageError(`--${option} must be a whole number, not ${text}.`);
  return Number(text);
}

/** Returns a signal that aborts on Ctrl-C, or after `seconds`. */
function stopSignal(seconds: number | undefined): AbortSignal {
  const stopper = new AbortController();
  process.once('SIGINT', () => stopper.abort());
  process.once('SIGTERM', () => stopper.abort());
  if (seconds !== undefined) setTimeout(() => stopper.abort(), seconds * 1_000).unref();
  return stopper.signal;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ExampleUsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
