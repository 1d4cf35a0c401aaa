import {
  type ApiGatewayManagementApiClient,
  ApiGatewayManagementApiServiceException,
  GetConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

/** The state of a connection in API Gateway. */
export type OpenState =
  | { readonly is: 'open'; readonly lastActiveAt: Date | undefined; readonly sourceIp: string | undefined }
  /** API Gateway has ended it, or never had it. */
  | { readonly is: 'closed' }
  /** API Gateway did not say. */
  | { readonly is: 'unknown'; readonly reason: string };

/** The status by which `@connections` answers for a connection that has ended. */
export const GONE_STATUS = 410;
/** The status for an id that no connection can have. */
const INVALID_STATUS = 400;

/** Asks API Gateway whether a connection is open. */
export async function findOpen(callback: ApiGatewayManagementApiClient, connectionId: string): Promise<OpenState> {
  try {
    const { LastActiveAt, Identity } = await callback.send(new GetConnectionCommand({ ConnectionId: connectionId }));
    return { is: 'open', lastActiveAt: LastActiveAt, sourceIp: Identity?.SourceIp };
  } catch (error) {
    if (!(error instanceof ApiGatewayManagementApiServiceException)) throw error;
    const status = error.$metadata.httpStatusCode;
    if (status === GONE_STATUS || status === INVALID_STATUS) return { is: 'closed' };
    return { is: 'unknown', reason: `API Gateway did not say whether it is open (${error.name}: ${error.message}).` };
  }
}
