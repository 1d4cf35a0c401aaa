import { isTopic } from '../../shared/protocol/topic.ts';
import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { growTopic, shardsNeeded } from '../../shared/store/topic-shards.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { counted } from '../output.ts';
import { UsageError } from '../operator-error.ts';

/** The command that prepares a topic for a great event: by itself it grows only once it is published to. */
export const GROW: Command = {
  name: 'grow',
  summary: 'Give a topic the shards for a number of subscribers before they come.',
  help: `  distributary grow TOPIC SUBSCRIBERS

  A topic grows by itself with each publish that finds over ${STORE_BOUNDS.SHARD_SUBSCRIPTIONS} subscribers in a shard. Connections that subscribe
  before the first publish all get the same shard, and keep it: this command prevents that.
  Shards are never removed. An existing subscription keeps its shard.

  distributary grow final/stadium 100000`,
  options: {},
  run: grow,
};

async function grow({ positionals, output, backend }: Invocation): Promise<ExitCode> {
  const [topic, subscribers, ...more] = positionals;
  if (topic === undefined || subscribers === undefined || more.length > 0) {
    throw new UsageError('Give a topic and a number of subscribers.');
  }
  if (!isTopic(topic)) throw new UsageError(`${topic} is not the name of a topic.`);
  const wanted = Number(subscribers);
  if (!Number.isSafeInteger(wanted) || wanted < 1)
    throw new UsageError(`${subscribers} is not a number of subscribers.`);
  const { stack, dynamodb } = await backend();
  const { topicsTable, subscriptionsTable } = stack.resources;
  const tables = { client: dynamodb, topicsTable, subscriptionsTable, now: Date.now };
  const shards = await growTopic(tables, topic, shardsNeeded(wanted, 1));
  output.line(`${topic} has ${counted(shards, 'shard')}; routes take up to ${ROUTES_SECONDS} s to use them all`);
  output.data({ topic, shards });
  return 0;
}

/** The time in seconds after which a warm route reads the directory again. */
const ROUTES_SECONDS = STORE_BOUNDS.DIRECTORY_MS / 1_000;
