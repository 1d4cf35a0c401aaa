import { ApiGatewayManagementApiServiceException, GetConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { duration } from '../output.ts';
import { unreachableBy } from '../unreachable.ts';
import { type Finding, ok, problem } from './finding.ts';

const CHECK = 'callback URL';
const GONE_STATUS = 410;

/** A connection id in API Gateway's format that no connection has. */
const UNKNOWN_ID = 'L0SM9cOFvHcCIhw=';

/** Checks that posts reach the stage that clients connect to. A stage that is late is not taken for another. */
export async function checkCallback(
  { stack, callback }: Pick<Backend, 'stack' | 'callback'>,
  timeoutMs: number = CLI_BOUNDS.CALLBACK_MS,
): Promise<Finding[]> {
  const { webSocketUrl, callbackUrl } = stack.resources;
  const wanted = webSocketUrl.replace(/^ws/, 'http');
  if (callbackUrl !== wanted) {
    return [problem(CHECK, `it is ${callbackUrl}, and clients connect to ${webSocketUrl}`, 'Deploy the stack again.')];
  }
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await callback.send(new GetConnectionCommand({ ConnectionId: UNKNOWN_ID }), { abortSignal: signal });
    return [problem(CHECK, `${callbackUrl} knows a connection that nobody has`, `See what answers at ${callbackUrl}.`)];
  } catch (error) {
    if (error instanceof ApiGatewayManagementApiServiceException && error.$metadata.httpStatusCode === GONE_STATUS) {
      return [ok(CHECK, 'it is the stage’s, and answers')];
    }
    const isLate = signal.aborted || unreachableBy(error) === 'late';
    return [isLate ? lateFinding(callbackUrl, timeoutMs) : wrongFinding(callbackUrl, error)];
  }
}

const lateFinding = (callbackUrl: string, timeoutMs: number): Finding =>
  problem(
    CHECK,
    `${callbackUrl} has not answered in ${duration(timeoutMs)}`,
    'It is overloaded, or the network to it is slow: try again.',
  );

const wrongFinding = (callbackUrl: string, error: unknown): Finding =>
  problem(
    CHECK,
    `${callbackUrl} does not answer as the stage should (${error instanceof Error ? `${error.name}: ${error.message}` : String(error)})`,
    'Is it this stack’s? Do your credentials allow execute-api:ManageConnections on it?',
  );
