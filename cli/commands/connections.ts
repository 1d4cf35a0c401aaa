import {
  ApiGatewayManagementApiServiceException,
  DeleteConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { listConnections } from '../../shared/store/operator-connections.ts';
import { GONE_STATUS } from '../connections/find-open.ts';
import { showConnection } from '../connections/show-connection.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { limitOf } from '../options.ts';
import { counted, duration } from '../output.ts';
import { tableOf } from '../table-of.ts';

/** The command `connections`: lists the connections, shows one, or closes one. */
export const CONNECTIONS: Command = {
  name: 'connections',
  summary: 'List who is connected, show one connection, or close it.',
  help: `  distributary connections [list]       the recorded connections, the newest first
    --limit N                           rows to show (default 50); the others are counted
  distributary connections show ID      since when it is connected and whether it is open, its topics, the catch-ups that it
                                        is owed, and the batches of the last ten minutes that did not reach it
  distributary connections close ID     closes it; a client that uses the library reconnects and misses nothing
    --yes                               without asking

  What did not reach it is in the functions' logs: those of a deployed stack come some seconds late. Exit code 1: it is
  unknown, with neither records nor an open connection.

  distributary connections list --limit 10
  distributary connections show L0SM9cOFvHcCIhw=
  distributary connections close L0SM9cOFvHcCIhw= --yes`,
  options: { limit: { type: 'string' }, yes: { type: 'boolean' } },
  run: async (invocation) => {
    const [verb, id, ...more] = invocation.positionals;
    if ((verb ?? 'list') === 'list' && id === undefined) return list(invocation);
    if (verb === 'close' && id !== undefined && more.length === 0) return close(invocation, id);
    if (verb === 'show' && id !== undefined && more.length === 0) return showConnection(invocation, id);
    throw new UsageError('Use `connections list`, `connections show ID` or `connections close ID`.');
  },
};

async function list({ values, output, backend }: Invocation): Promise<ExitCode> {
  const limit = limitOf(values);
  const all = await listConnections(tableOf(await backend(), 'subscriptionsTable'));
  const shown = all.slice(0, limit);
  for (const { connectedAt, ...connection } of shown) {
    output.data({ ...connection, connectedAt: new Date(connectedAt).toISOString() });
  }
  output.table(
    ['connection', 'for', 'topics'],
    shown.map(({ connectionId, connectedAt, topics }) => [
      connectionId,
      duration(Date.now() - connectedAt),
      namesOf(topics),
    ]),
  );
  const rest = all.length - shown.length;
  output.note(`${counted(all.length, 'connection')}${rest > 0 ? `, ${rest} not shown: --limit ${all.length}` : ''}`);
  return 0;
}

/** The number of topics that a row names; the others are counted. */
const NAMED_TOPICS = 5;

const namesOf = (topics: readonly string[]): string =>
  topics.length <= NAMED_TOPICS
    ? topics.join(' ')
    : `${topics.slice(0, NAMED_TOPICS).join(' ')} and ${topics.length - NAMED_TOPICS} more`;

async function close({ output, backend, confirm }: Invocation, ConnectionId: string): Promise<ExitCode> {
  const { callback } = await backend();
  if (!(await confirm(`Close the connection ${ConnectionId}?`))) throw new OperatorError('Nothing was closed.');
  try {
    await callback.send(new DeleteConnectionCommand({ ConnectionId }));
  } catch (cause) {
    if (!(cause instanceof ApiGatewayManagementApiServiceException)) throw cause;
    if (cause.$metadata.httpStatusCode !== GONE_STATUS) throw refused(ConnectionId, cause);
    throw new OperatorError(`${ConnectionId} is gone already. See distributary connections list`, { cause });
  }
  output.line(`closed ${ConnectionId}`);
  output.data({ closed: ConnectionId });
  return 0;
}

const refused = (connectionId: string, cause: ApiGatewayManagementApiServiceException): OperatorError =>
  new OperatorError(
    `${connectionId} could not be closed: ${cause.name} ${cause.message}. Write the id as connections list shows it.`,
    { cause },
  );
