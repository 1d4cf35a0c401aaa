import { BadRecordError } from '../../shared/errors.ts';
import { isTopic } from '../../shared/protocol/topic.ts';
import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { findShards, growTopic, shardsNeeded } from '../../shared/store/topic-shards.ts';
import { findHead } from '../../shared/store/topics.ts';
import type { Backend } from '../backend.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { usdOfShards } from '../cost/shards-cost.ts';
import { counted, figure } from '../output.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { explainUnknownTopic } from '../unknown-topic.ts';

/** The number of subscribers that the shards of one topic are for. */
const SUBSCRIBERS_MAX = STORE_BOUNDS.MAX_SHARDS * STORE_BOUNDS.SHARD_SUBSCRIPTIONS;

/** The command that prepares a topic for a great event: by itself it grows only once it is published to. */
export const GROW: Command = {
  name: 'grow',
  summary: 'Give a topic the shards for a number of subscribers before they come.',
  help: `  distributary grow TOPIC SUBSCRIBERS     SUBSCRIBERS is at most ${figure(SUBSCRIBERS_MAX)}
    --yes                                 without asking

  A topic grows by itself with each publish that finds over ${STORE_BOUNDS.SHARD_SUBSCRIPTIONS} subscribers in a shard. Connections that subscribe
  before the first publish all get the same shard, and keep it: this command prevents that.
  Shards are never removed, and each publish costs a worker for each. So the command asks before it adds any, and says what
  they cost and whether the topic is known. An existing subscription keeps its shard.

  distributary grow final/stadium 100000
  distributary grow final/stadium 100000 --yes`,
  options: { yes: { type: 'boolean' } },
  run: grow,
};

interface Growth {
  readonly topic: string;
  readonly subscribers: number;
  /** The shards for this number of subscribers. */
  readonly wanted: number;
}

async function grow({ positionals, output, backend, confirm }: Invocation): Promise<ExitCode> {
  const growth = readGrowth(positionals);
  const { topic, wanted } = growth;
  const opened = await backend();
  const { stack, dynamodb } = opened;
  const { topicsTable, subscriptionsTable } = stack.resources;
  const present = await findShards(dynamodb, topicsTable, topic);
  const isAsked = wanted > present;
  if (isAsked && !(await confirm(await describeGrowth(opened, growth, present)))) {
    throw new OperatorError('Nothing was changed.');
  }
  // A topic that has as many is entered in the directory again, which mends a growth that was broken off.
  const tables = { client: dynamodb, topicsTable, subscriptionsTable, now: Date.now };
  const shards = await growTopic(tables, topic, wanted);
  output.line(`${topic} has ${counted(shards, 'shard')}; routes take up to ${ROUTES_SECONDS} s to use them all`);
  output.data({ topic, shards });
  return 0;
}

/** The time in seconds after which a warm route reads the directory again. */
const ROUTES_SECONDS = STORE_BOUNDS.DIRECTORY_MS / 1_000;

function readGrowth([topic, text, ...more]: readonly string[]): Growth {
  if (topic === undefined || text === undefined || more.length > 0) {
    throw new UsageError('Give a topic and a number of subscribers.');
  }
  if (!isTopic(topic)) throw new UsageError(`${topic} is not the name of a topic.`);
  const subscribers = Number(text);
  if (!Number.isSafeInteger(subscribers) || subscribers < 1) {
    throw new UsageError(`${text} is not a number of subscribers.`);
  }
  if (subscribers > SUBSCRIBERS_MAX) {
    throw new UsageError(
      `${figure(subscribers)} are more subscribers than a topic has shards for: at most ${figure(SUBSCRIBERS_MAX)}.`,
    );
  }
  return { topic, subscribers, wanted: shardsNeeded(subscribers, 1) };
}

/** Returns the question before a growth: whether the topic is known, what is final, and what it costs. */
async function describeGrowth(backend: Backend, growth: Growth, present: number): Promise<string> {
  const { topic, subscribers, wanted } = growth;
  return [
    ...((await isKnown(backend, topic)) ? [] : [await explainUnknownTopic(backend, topic)]),
    `${topic} has ${counted(present, 'shard')}; ${counted(subscribers, 'subscriber')} need ${figure(wanted)}, which are never removed.`,
    `A million publishes then cost about ${usdText(wanted)} USD for their workers instead of ${usdText(present)}, even if nobody subscribes.`,
    `Give ${topic} ${counted(wanted, 'shard')}?`,
  ].join(' ');
}

/** Returns whether anybody has published to a topic. A malformed head is one. */
async function isKnown({ dynamodb, stack }: Backend, topic: string): Promise<boolean> {
  try {
    return (await findHead(dynamodb, stack.resources.topicsTable, topic)) !== undefined;
  } catch (error) {
    if (error instanceof BadRecordError) return true;
    throw error;
  }
}

const usdText = (shards: number): string => figure(Math.round(usdOfShards(shards)));
