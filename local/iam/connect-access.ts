import type { ApplicationModel } from '../model.ts';
import type { AccessControl } from './access-control.ts';
import { inGatewayWords } from './enforce.ts';
import { withQuerySignature } from './query-signature.ts';
import type { Refusal } from './refusals.ts';
import { accessKeyOf } from './signature.ts';
import { signingCallerOf } from './url-access.ts';
import type { CoveredRequest } from './verify-signature.ts';

/** The signer of a handshake, by the names of `$context.identity`. */
type ConnectIdentity = Readonly<Record<'accessKey' | 'accountId' | 'caller' | 'user' | 'userArn', string>>;

/** The outcome of a signed handshake. */
export type ConnectVerdict = { readonly identity: ConnectIdentity } | { readonly refusal: Refusal };

/** The refusal of a handshake without a signature. */
const UNSIGNED: Refusal = {
  errorType: 'MissingAuthenticationTokenException',
  message: 'Missing Authentication Token',
};

/**
 * Returns the judge of handshakes with APIs whose `$connect` has the authorization type AWS_IAM. The signer needs
 * `execute-api:Invoke` on the route, `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/$connect`. The signature is in the
 * headers, or in the query.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
 */
export const connectAuthorizer =
  ({ check, signerOf }: AccessControl, application: ApplicationModel) =>
  async (routeArn: string, sent: CoveredRequest): Promise<ConnectVerdict> => {
    const request = withQuerySignature(sent);
    const authorization = request.header('authorization') ?? '';
    const accessKey = accessKeyOf(authorization);
    if (accessKey === undefined) return { refusal: UNSIGNED };
    const refusal = await check({ authorization, service: 'execute-api', request }, () => [
      { action: 'execute-api:Invoke', resource: routeArn, context: {} },
    ]);
    if (refusal !== undefined) return { refusal: inGatewayWords(refusal) };
    const { userArn, userId, accountId } = signingCallerOf(application, accessKey, signerOf(authorization));
    return { identity: { accessKey, accountId, caller: userId, user: userId, userArn } };
  };
