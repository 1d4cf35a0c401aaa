import { ApiGatewayManagementApiServiceException, GetConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { Backend } from '../backend.ts';
import { type Finding, ok, problem } from './finding.ts';

const CHECK = 'callback URL';
const GONE_STATUS = 410;

/** A connection id in API Gateway's format that no connection has. */
const UNKNOWN_ID = 'L0SM9cOFvHcCIhw=';

/** Checks that posts reach the stage that clients connect to. */
export async function checkCallback({ stack, callback }: Backend): Promise<Finding[]> {
  const { webSocketUrl, callbackUrl } = stack.resources;
  const wanted = webSocketUrl.replace(/^ws/, 'http');
  if (callbackUrl !== wanted) {
    return [problem(CHECK, `it is ${callbackUrl}, and clients connect to ${webSocketUrl}`, 'Deploy the stack again.')];
  }
  try {
    await callback.send(new GetConnectionCommand({ ConnectionId: UNKNOWN_ID }));
    return [problem(CHECK, `${callbackUrl} knows a connection that nobody has`, `See what answers at ${callbackUrl}.`)];
  } catch (error) {
    if (error instanceof ApiGatewayManagementApiServiceException && error.$metadata.httpStatusCode === GONE_STATUS) {
      return [ok(CHECK, 'it is the stage’s, and answers')];
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [
      problem(
        CHECK,
        `${callbackUrl} does not answer as the stage should (${reason})`,
        'Is it this stack’s? Do your credentials allow execute-api:ManageConnections on it?',
      ),
    ];
  }
}
