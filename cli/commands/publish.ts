import { connect, RealtimeError } from '../../client/src/index.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { textOption } from '../options.ts';

/**
 * The command that publishes as a client does, not by a write to the table: a message of an operator meets the limits,
 * refusals and deduplication of any other, and needs no permission on tables.
 */
export const PUBLISH: Command = {
  name: 'publish',
  summary: 'Publish a message to a topic, as a client does.',
  help: `  distributary publish TOPIC JSON     JSON as one argument; - reads it from standard input
    --key KEY                         publishes once within ten minutes, even if repeated

  distributary publish news '{"title":"Hello"}'
  distributary publish news '"just a text"'
  jq -c . article.json | distributary publish news -`,
  options: { key: { type: 'string' } },
  run: publish,
};

async function publish({ positionals, values, output, backend, interrupted }: Invocation): Promise<ExitCode> {
  const [topic, text, ...more] = positionals;
  if (topic === undefined || text === undefined || more.length > 0) {
    throw new UsageError('Give a topic and one JSON text. Quote the JSON for the shell.');
  }
  const data = parseJson(text === '-' ? await readInput() : text);
  const key = textOption(values, 'key');
  const { stack } = await backend();
  const client = connect(stack.resources.webSocketUrl);
  interrupted.addEventListener('abort', () => client.close(), { once: true });
  try {
    const published = await client.publish(topic, data, key === undefined ? {} : { key });
    output.line(`published ${published.topic} ${published.seq} (epoch ${published.epoch})`);
    output.data(published);
    return 0;
  } catch (cause) {
    if (cause instanceof RealtimeError) throw new OperatorError(`${cause.code}: ${cause.message}`, { cause });
    throw cause;
  } finally {
    client.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`This is not JSON: ${text.slice(0, 100)}. A text is JSON in double quotes: '"hello"'`, {
      cause,
    });
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > CLI_BOUNDS.INPUT_BYTES) throw new OperatorError('Standard input is larger than any message may be.');
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
