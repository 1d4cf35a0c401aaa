import { isTopic } from '../../shared/protocol/topic.ts';
import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { growTopic, shardsNeeded } from '../../shared/store/topic-shards.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { counted } from '../output.ts';
import { UsageError } from '../operator-error.ts';

/** A topic grows by itself, but only once it is published to; before a great event it should not have to. */
export const GROW: Command = {
  name: 'grow',
  summary: 'Give a topic the shards for so many subscribers, before they come.',
  help: `  distributary grow TOPIC SUBSCRIBERS

  A topic grows by itself with each publish that finds too many subscribers in a shard (${STORE_BOUNDS.SHARD_SUBSCRIPTIONS} are meant). Those who
  subscribe before the first publish all come into one shard, and stay there: that is what this is for.
  Shards are never taken away. Whoever is subscribed stays where he is.

  distributary grow final/stadium 100000`,
  options: {},
  run: grow,
};

async function grow({ positionals, output, backend }: Invocation): Promise<ExitCode> {
  const [topic, subscribers, ...more] = positionals;
  if (topic === undefined || subscribers === undefined || more.length > 0) {
    throw new UsageError('A topic and a number of subscribers are needed.');
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

/** A warm route asks the directory again after this. */
const ROUTES_SECONDS = STORE_BOUNDS.DIRECTORY_MS / 1_000;
