import { connect, RealtimeError } from '../../client/src/index.ts';
import { createPublisher, PublishError, type Published } from '../../server/src/index.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { textOption } from '../options.ts';

/**
 * The command that publishes as a back end does, by the publisher of @distributary/server, so by permission on the
 * tables; or with a token as a client does, with the client's permissions, limits and checks.
 */
export const PUBLISH: Command = {
  name: 'publish',
  summary: 'Publish a message to a topic, as a back end or by a token.',
  help: `  distributary publish TOPIC JSON     JSON as one argument; - reads it from standard input
    --key KEY                         publishes once within ten minutes, even if repeated
    --token TOKEN                     publishes as this token's subject; - asks the variable DISTRIBUTARY_TOKEN

  Without --token it is one write by your credentials, as @distributary/server makes it: no permission of a token, no
  rate and no schema of the stack is asked, and the message has no \`from\`. With --token it is a frame of a client.

  distributary publish news '{"title":"Hello"}'
  distributary publish news '"just a text"'
  jq -c . article.json | distributary publish news -
  distributary publish news '"as ann"' --token "$(npx distributary token --sub ann --publish news)"`,
  options: { key: { type: 'string' }, token: { type: 'string' } },
  run: publish,
};

/** The variable with the token for `--token -`: a token in an argument is seen by every process of the machine. */
const TOKEN_VARIABLE = 'DISTRIBUTARY_TOKEN';

async function publish({ positionals, values, output, backend, interrupted }: Invocation): Promise<ExitCode> {
  const [topic, text, ...more] = positionals;
  if (topic === undefined || text === undefined || more.length > 0) {
    throw new UsageError('Give a topic and one JSON text. Quote the JSON for the shell.');
  }
  const data = parseJson(text === '-' ? await readInput() : text);
  const key = textOption(values, 'key');
  const message: Message = { topic, data, options: key === undefined ? {} : { key } };
  const token = readToken(textOption(values, 'token'));
  const opened = await backend();
  const published =
    token === undefined
      ? await publishByWrite(opened, message)
      : await publishByFrame(opened, message, { token, interrupted });
  output.line(`published ${published.topic} ${published.seq} (epoch ${published.epoch})`);
  output.data(published);
  return 0;
}

interface Message {
  readonly topic: string;
  readonly data: unknown;
  readonly options: { readonly key?: string };
}

function readToken(option: string | undefined): string | undefined {
  if (option !== '-') return option;
  const token = process.env[TOKEN_VARIABLE];
  if (token !== undefined && token !== '') return token;
  throw new UsageError(`--token - needs a token in the variable ${TOKEN_VARIABLE}.`);
}

async function publishByWrite({ dynamodb, stack }: Backend, { topic, data, options }: Message): Promise<Published> {
  const { topicsTable, keysTable } = stack.resources;
  const publisher = createPublisher({ client: dynamodb, topicsTable, keysTable });
  try {
    return await publisher.publish(topic, data, options);
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    // An error of DynamoDB says more than that the write has failed.
    if (error.code === 'unavailable' && error.cause instanceof Error) throw error.cause;
    throw new OperatorError(`${error.code}: ${error.message}`, { cause: error });
  } finally {
    publisher.close();
  }
}

interface AsClient {
  readonly token: string;
  readonly interrupted: AbortSignal;
}

async function publishByFrame(
  { stack }: Backend,
  { topic, data, options }: Message,
  { token, interrupted }: AsClient,
): Promise<Published> {
  const client = connect(stack.resources.webSocketUrl, { token: () => token });
  interrupted.addEventListener('abort', () => client.close(), { once: true });
  const refused = Promise.withResolvers<never>();
  // The library goes on trying, since a later token may be a better one. This one stays as it is.
  client.on('error', (error) => error.code === 'unauthorized' && refused.reject(error));
  try {
    const { epoch, seq } = await Promise.race([client.publish(topic, data, options), refused.promise]);
    return { topic, epoch, seq };
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
