import { counterName, isCounterTopic, isTopic } from '../../shared/protocol/topic.ts';
import type { Backend } from '../backend.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { UsageError } from '../operator-error.ts';
import { textOption } from '../options.ts';
import { conclusionOf } from '../trace/conclusion.ts';
import { findBroadcasts } from '../trace/find-broadcasts.ts';
import { findConnection } from '../trace/find-connection.ts';
import { findGivenUp } from '../trace/find-given-up.ts';
import { WRITER_SKEW_MS, findWritten, type Traced } from '../trace/find-written.ts';
import { timelineOf, type Trace } from '../trace/timeline.ts';
import { type Verdict, verdictOf, weigh } from '../trace/verdict.ts';

/** The command `trace`: the story of one message. */
export const TRACE: Command = {
  name: 'trace',
  summary: 'Explain why a message did or did not arrive.',
  help: `  distributary trace TOPIC SEQ
    --connection ID   whether and how it reached this connection

  Shows in the order of time: when and by which connection, or from which record of a table, it was written, which invocations
  read and posted it, how many subscribers they found, and which were gone, throttled or skipped; whether the archive has it,
  and whether it was given up.
  With a connection: when it subscribed, what its catch-ups sent, and whether it received the message. The topic of a counter
  is counter:NAME.

  The command reads the tables, the failure bucket and the functions' logs. The local runtime keeps the newest log lines until
  it ends. A deployed stack has them in CloudWatch Logs, some seconds late, for a month: trace reads the time around the publish,
  or the last day if the time is unknown. If it cannot read the logs, it shows the reason, the facts in the tables, and a query
  for Logs Insights that finds the rest. The posts of a replay are in no log.
  Exit code 1: it was never written, it did not reach the connection, or that is unknown.

  distributary trace news 42
  distributary trace news 42 --connection L0SM9cOFvHcCIhw=
  distributary trace counter:votes 7 --json`,
  options: { connection: { type: 'string' } },
  run: trace,
};

async function trace({ positionals, values, output, backend }: Invocation): Promise<ExitCode> {
  const traced = readTraced(positionals);
  const opened = await backend();
  const found = await findAll(opened, traced, textOption(values, 'connection'));
  const { connection } = found;
  const { unread } = opened.logs;
  const isWhole = unread.size === 0;
  const verdict = connection === undefined ? undefined : weigh(verdictOf({ ...found, connection }), isWhole);
  const { epoch, kind } = found.written;
  output.line(`${traced.topic} ${traced.seq}${epoch === undefined ? '' : ` (${kind}, epoch ${epoch})`}`);
  for (const { atMs, text } of timelineOf(found)) output.line(`${new Date(atMs).toISOString()}  ${text}`);
  for (const sentence of conclusionOf(found)) output.line(sentence);
  if (verdict !== undefined) output.line(sayVerdict(found, verdict));
  output.data({ ...jsonOf(found, verdict), unread: [...unread] });
  if (!isWhole) output.note([...unread, insightsQuery(found)].join('\n'));
  const isGood = epoch !== undefined && (verdict === undefined || verdict.arrived === true);
  return isGood ? 0 : 1;
}

function readTraced([topic, text, ...more]: readonly string[]): Traced {
  if (topic === undefined || text === undefined || more.length > 0) throw new UsageError('Give a topic and a seq.');
  if (!isTopic(topic)) throw new UsageError(`${topic} is not the name of a topic.`);
  const seq = Number(text);
  if (!Number.isSafeInteger(seq) || seq < 1) throw new UsageError(`A seq is a whole number, 1 or more, not ${text}.`);
  return { topic, seq };
}

async function findAll(backend: Backend, traced: Traced, connectionId: string | undefined): Promise<Trace> {
  const written = await findWritten(backend, traced);
  const { epoch, publishedAtMs } = written;
  const sinceMs = publishedAtMs === undefined ? undefined : publishedAtMs - WRITER_SKEW_MS;
  return {
    written,
    broadcasts: epoch === undefined ? [] : await findBroadcasts(backend, { ...traced, epoch }, sinceMs),
    givenUp: await findGivenUp(backend, traced),
    connection:
      connectionId === undefined
        ? undefined
        : await findConnection(backend, connectionId, { topic: traced.topic, sinceMs }),
  };
}

function sayVerdict({ connection, written }: Trace, { arrived, reason }: Verdict): string {
  const what = { true: 'It came to', false: 'It did not come to', undefined: 'It is unknown whether it came to' }[
    String(arrived)
  ];
  const now = connection?.isSubscribed === true ? 'subscribed' : 'not subscribed';
  return `${what} ${connection?.connectionId ?? ''}: ${reason}. (Now it is ${now} to ${written.topic}.)`;
}

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

function jsonOf({ written, broadcasts, givenUp, connection }: Trace, verdict: Verdict | undefined): object {
  const { publishedAtMs, ...rest } = written;
  return {
    ...rest,
    publishedAt: iso(publishedAtMs),
    broadcasts: broadcasts.map(({ atMs, undelivered, partly, ...each }) => ({
      at: iso(atMs),
      ...each,
      undelivered: Object.fromEntries(undelivered),
      partly: Object.fromEntries(partly),
    })),
    givenUp: givenUp.map(({ atMs, ...each }) => ({ at: iso(atMs), ...each })),
    ...(connection === undefined
      ? {}
      : {
          connection: {
            ...connection,
            events: connection.events.map(({ atMs, ...each }) => ({ at: iso(atMs), ...each })),
          },
          ...verdict,
        }),
  };
}

/**
 * Returns the query for Logs Insights that finds the lines of this trace. The line of a frame to a counter names the
 * counter, not its topic.
 */
function insightsQuery({ written: { topic }, connection }: Trace): string {
  const isFrame = isCounterTopic(topic) ? `counter = "${counterName(topic)}"` : `topic = "${topic}"`;
  const own = connection === undefined ? '' : ` or connectionId = "${connection.connectionId}"`;
  return `Logs Insights, over the log groups of the routes, the sources of topics, broadcast, shard-worker and catch-up:
fields @timestamp, service, message, @message
| filter (message = "frame" and ${isFrame}) or (message in ["published", "broadcast", "shard-worker"] and topic = "${topic}")${own} or message = "callback endpoint down"
| sort @timestamp`;
}
