import type { ServerResponse } from 'node:http';
import { type NamedFunction, VERSION } from './function-finder.ts';
import type { JsonInvocation } from './lambda-pool.ts';

/** A refusal of Lambda. */
export interface LambdaRefusal {
  readonly status: number;
  readonly errorType: string;
  readonly message: string;
}

/** The HTTP statuses of Lambda's refusals. Any other error type is a fault of the service. */
const STATUS_OF: Readonly<Record<string, number>> = {
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  ResourceInUseException: 400,
  SerializationException: 400,
  ValidationException: 400,
  AccessDeniedException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
  RequestTooLargeException: 413,
  TooManyRequestsException: 429,
};
const SERVICE_FAULT_STATUS = 500;

/** The errors whose text is the member `Message`, in Lambda's model. Others have `message`. */
const WITH_CAPITAL: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ResourceInUseException',
  'ResourceNotFoundException',
  'ServiceException',
]);

/** Further members of errors, in Lambda's model. */
const MEMBERS: Readonly<Record<string, object>> = {
  TooManyRequestsException: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
};

/** Characters of the log at the end of an answer, 4 KB as on AWS. */
const TAIL_BYTES = 4_096;

/** Returns a refusal by its error type. */
export function refusal(errorType: string, message: string): LambdaRefusal {
  return { status: STATUS_OF[errorType] ?? SERVICE_FAULT_STATUS, errorType, message };
}

/** Returns the refusal of a function that is not here, or whose qualifier is named twice and differently. */
export function functionRefusal({ arn, isContradictory }: NamedFunction): LambdaRefusal {
  if (!isContradictory) return refusal('ResourceNotFoundException', `Function not found: ${arn}`);
  const words = 'The derived qualifier from the function name does not match the specified qualifier.';
  return refusal('InvalidParameterValueException', words);
}

/** Answers with a refusal. Node discards the rest of an unread request body, so that the socket can be used again. */
export function answerRefusal(
  response: ServerResponse,
  { status, errorType, message }: LambdaRefusal,
  requestId: string,
): void {
  const body = JSON.stringify({
    Type: status < SERVICE_FAULT_STATUS ? 'User' : 'Service',
    ...MEMBERS[errorType],
    [WITH_CAPITAL.has(errorType) ? 'Message' : 'message']: message,
  });
  send(response, { status, requestId, body, headers: { 'X-Amzn-ErrorType': errorType } });
}

/** Answers with the result of an invocation. `log` is the end of its log, if the caller asked for it. */
export function answerInvocation(
  response: ServerResponse,
  { requestId, outcome }: JsonInvocation,
  log: string | undefined,
): void {
  const headers = log === undefined ? EXECUTED : { ...EXECUTED, 'X-Amz-Log-Result': tailOf(log) };
  switch (outcome.kind) {
    case 'success':
      return send(response, { status: 200, requestId, body: outcome.payload, headers });
    case 'function-error': {
      const { errorType, errorMessage, trace } = outcome;
      const body = JSON.stringify({ errorType, errorMessage, trace });
      const failed = { ...headers, 'X-Amz-Function-Error': 'Unhandled' };
      return send(response, { status: 200, requestId, body, headers: failed });
    }
    case 'refused':
      return answerRefusal(response, refusal(outcome.errorType, outcome.errorMessage), requestId);
    case 'throttled':
      return answerRefusal(response, refusal('TooManyRequestsException', outcome.errorMessage), requestId);
    case 'service-error':
      return answerRefusal(response, refusal('ServiceException', outcome.errorMessage), requestId);
  }
}

const tailOf = (log: string): string => Buffer.from(log).subarray(-TAIL_BYTES).toString('base64');

const EXECUTED = { 'X-Amz-Executed-Version': VERSION } as const;

/** An answer of the API. */
export interface InvokeAnswer {
  readonly status: number;
  readonly requestId: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer. */
export function send(response: ServerResponse, { status, requestId, body, headers }: InvokeAnswer): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'X-Amzn-RequestId': requestId,
    ...headers,
  });
  response.end(body);
}
