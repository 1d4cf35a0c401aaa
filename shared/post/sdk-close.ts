import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
} from '@aws-sdk/client-apigatewaymanagementapi';

/** The dependencies of closing connections. */
export interface CloseDeps {
  /** The stage's callback URL: `https://…/{stage}`. */
  readonly callbackUrl: string;
  readonly region: string;
}

/**
 * Creates the function that closes a connection, by the official client. Resolves to whether API Gateway knew it: false
 * for a connection that is gone, or whose handshake is in flight. Rejects with the client's error otherwise, after its
 * three tries.
 */
export function createSdkClose({ callbackUrl, region }: CloseDeps): (connectionId: string) => Promise<boolean> {
  const client = new ApiGatewayManagementApiClient({ endpoint: callbackUrl, region });
  return async (ConnectionId) => {
    try {
      await client.send(new DeleteConnectionCommand({ ConnectionId }));
      return true;
    } catch (error) {
      if (!(error instanceof GoneException)) throw error;
      return false;
    }
  };
}
