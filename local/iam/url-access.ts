import type { ApplicationModel, FunctionUrlModel } from '../model.ts';
import type { AccessControl } from './access-control.ts';
import type { Access } from './evaluate.ts';
import type { Session } from './sessions.ts';
import { accessKeyOf } from './signature.ts';
import type { CoveredRequest } from './verify-signature.ts';

/** The signer of a request to a function URL, as the function's event names it. */
export interface UrlCaller {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly cognitoIdentity: null;
  readonly principalOrgId: null;
  readonly userArn: string;
  readonly userId: string;
}

/** The words by which a function URL refuses a request, with their member in the answer. */
export type UrlRefusal = { readonly Message: string } | { readonly message: string };

/** The outcome of a signed request to a function URL. */
export type UrlVerdict = { readonly caller: UrlCaller } | { readonly refusal: UrlRefusal };

/**
 * The words for a request without a signature, and for one whose signer may not call the URL.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export const URL_FORBIDDEN: UrlRefusal = {
  Message:
    'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
};

/** Returns the judge of function URLs with the authentication AWS_IAM, whose callers need two permissions. */
export const urlAuthorizer =
  ({ check, signerOf }: AccessControl, application: ApplicationModel) =>
  async ({ qualifiedArn }: FunctionUrlModel, request: CoveredRequest): Promise<UrlVerdict> => {
    const authorization = request.header('authorization') ?? '';
    const accessKey = accessKeyOf(authorization);
    if (accessKey === undefined) return { refusal: URL_FORBIDDEN };
    const refusal = await check({ authorization, service: 'lambda', request }, () => accessesTo(qualifiedArn));
    if (refusal?.errorType === 'AccessDeniedException') return { refusal: URL_FORBIDDEN };
    if (refusal !== undefined) return { refusal: { message: refusal.message } };
    return { caller: signingCallerOf(application, accessKey, signerOf(authorization)) };
  };

const accessesTo = (resource: string): readonly Access[] => [
  { action: 'lambda:InvokeFunctionUrl', resource, context: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  { action: 'lambda:InvokeFunction', resource, context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
];

/** Returns the signer of a request: a session of a function, or the account of a tool. */
export function signingCallerOf(
  { accountId }: ApplicationModel,
  accessKey: string,
  session: Session | undefined,
): UrlCaller {
  const roleId = accessKey.replace(/^ASIA/, 'AROA');
  const userId = session === undefined ? accountId : `${roleId}:${session.functionName}`;
  return {
    accessKey,
    accountId,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: session?.sessionArn ?? `arn:aws:iam::${accountId}:root`,
    userId,
  };
}
