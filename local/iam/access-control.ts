import { randomUUID } from 'node:crypto';
import type { ApplicationModel, Terminal } from '../model.ts';
import type { Access } from './evaluate.ts';
import type { AnswerInstead } from './guard-requests.ts';
import { createJudge, type Denial, type Judge } from './judge.ts';
import { dynamodbReader } from './read-dynamodb.ts';
import { createRoleJudge, type JudgeRole } from './judge-role.ts';
import { type SessionKeys, type Session, sessionsOf } from './sessions.ts';
import { denialRefusal, jsonResponse, type Refusal, signatureRefusal } from './refusals.ts';
import { accessKeyOf, createAuthenticate } from './signature.ts';
import { ageFaultOf } from './signature-age.ts';
import { signedRequestOf } from './signed-request.ts';
import { type CoveredRequest, verifySignature } from './verify-signature.ts';

/** A request as its head shows who sent it. */
interface Signed {
  readonly authorization: string | undefined;
  /** The name under which the service's requests are signed. */
  readonly service: string;
  /** Whether only functions come this way, so that the keys of a tool are not known here. Default: false. */
  readonly isForFunctions?: boolean;
  /** The whole request, whose signature is computed again. Default: only its scope is looked at. */
  readonly request?: CoveredRequest | undefined;
}

/** Judges a signed request of a service. A promise only for what was not judged before. */
export type Check = (
  signed: Signed,
  accesses: (session: Session) => readonly Access[],
) => Refusal | undefined | Promise<Refusal | undefined>;

/** The access control of a running application. */
export interface AccessControl {
  readonly credentialsOf: (functionArn: string) => SessionKeys | undefined;
  /** Returns the function that signs by a key; undefined for a tool. */
  readonly signerOf: (authorization: string) => Session | undefined;
  readonly check: Check;
  /** Answers requests to DynamoDB and its Streams that may not pass. */
  readonly guardDynamodb: AnswerInstead;
  readonly judge: Judge['judge'];
  readonly judgeRole: JudgeRole;
  readonly prepare: Judge['prepare'];
  readonly sessions: readonly Session[];
}

/** The dependencies of the access control. */
interface AccessDeps extends Pick<Terminal, 'warn'> {
  /** Returns the time in epoch ms by which the age of signatures is judged. Default: the machine's. */
  readonly now?: () => number;
}

/** Creates the access control of an application from the policies of its roles. */
export function createAccessControl(
  application: ApplicationModel,
  deps: AccessDeps,
  onDenied?: (functionName: string, message: string) => void,
): AccessControl {
  const { now = Date.now, warn } = deps;
  const sessions = sessionsOf(application, warn);
  const authenticate = createAuthenticate(sessions);
  const { judge, prepare } = createJudge({ terminal: { warn }, onDenied });
  const byArn = new Map(application.functions.map(({ arn }, index) => [arn, sessions[index]?.credentials]));
  const check: Check = ({ authorization, service, isForFunctions = false, request }, accesses) => {
    const caller = authenticate(authorization, { region: application.region, service });
    if (caller.kind === 'operator') return isForFunctions ? signatureRefusal({ kind: 'unknown-key' }) : undefined;
    if (caller.kind !== 'function') return signatureRefusal(caller);
    const verdict = request && verifySignature(request, caller.session.credentials, service === 's3');
    if (verdict === 'mismatch' || verdict === 'wrong-token') return signatureRefusal({ kind: verdict });
    const fault = request && ageFaultOf(request, service, now());
    if (fault !== undefined) return signatureRefusal({ kind: 'out-of-time', fault });
    return refusalOf(judge(caller.session, accesses(caller.session)));
  };
  return {
    credentialsOf: (functionArn) => byArn.get(functionArn),
    signerOf: (authorization) => {
      const key = accessKeyOf(authorization);
      return sessions.find(({ credentials }) => credentials.accessKeyId === key);
    },
    check,
    guardDynamodb: createDynamodbGuard(application, check),
    judge,
    judgeRole: createRoleJudge(application, judge, { warn }),
    prepare,
    sessions,
  };
}

function refusalOf(denial: ReturnType<Judge['judge']>): ReturnType<Check> {
  if (denial instanceof Promise) return denial.then((settled: Denial | undefined) => settled && denialRefusal(settled));
  return denial && denialRefusal(denial);
}

function createDynamodbGuard(application: ApplicationModel, check: Check): AnswerInstead {
  const read = dynamodbReader(application);
  const answer = (refusal: Refusal | undefined): string | undefined => refusal && jsonResponse(refusal, randomUUID());
  return (request) => {
    const signed = {
      authorization: request.authorization,
      service: 'dynamodb',
      isForFunctions: true,
      request: request.head === undefined ? undefined : signedRequestOf(request.head, request.body),
    };
    const refusal = check(signed, ({ asksFor }) => read(request, asksFor).accesses);
    return refusal instanceof Promise ? refusal.then(answer) : answer(refusal);
  };
}
