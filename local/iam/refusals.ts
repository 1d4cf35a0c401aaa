import { STATUS_CODES } from 'node:http';
import type { Denial } from './judge.ts';
import type { Signer } from './signature.ts';

/** A refusal as a service answers it. */
export interface Refusal {
  readonly errorType: string;
  readonly message: string;
}

type Refused = Exclude<Signer, { kind: 'function' } | { kind: 'operator' }>;

/** The words for a signature that does not fit. */
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** Words the refusal of a signature as the services with JSON protocols do. */
export function signatureRefusal(caller: Refused): Refusal {
  switch (caller.kind) {
    case 'unsigned':
      return { errorType: 'MissingAuthenticationTokenException', message: 'Request is missing Authentication Token' };
    case 'wrong-token':
    case 'unknown-key':
      return {
        errorType: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      };
    case 'mismatch':
      return { errorType: 'InvalidSignatureException', message: MISMATCH };
    case 'out-of-time':
      return { errorType: 'InvalidSignatureException', message: caller.fault };
    case 'wrong-region':
      return {
        errorType: 'InvalidSignatureException',
        message: `Credential should be scoped to a valid region, not '${caller.found}'. `,
      };
    case 'wrong-service':
      return {
        errorType: 'InvalidSignatureException',
        message: `Credential should be scoped to correct service: '${caller.expected}'. `,
      };
  }
}

/** Returns the refusal of what a function may not do. */
export const denialRefusal = ({ message }: Denial): Refusal => ({ errorType: 'AccessDeniedException', message });

/** Returns the whole HTTP response by which DynamoDB refuses a request. */
export const jsonResponse = ({ errorType, message }: Refusal, requestId: string): string =>
  errorResponse({ name: errorType, status: 400, message }, requestId);

/** An error as a service answers it. */
interface ServiceError {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

/**
 * Returns the whole HTTP response of a service with the protocol AWS JSON 1.0, such as DynamoDB. Refusals of access
 * have the member `Message`, other errors `message`.
 */
export function errorResponse({ name, status, message }: ServiceError, requestId: string): string {
  const member = name === 'AccessDeniedException' ? 'Message' : 'message';
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${name}`, [member]: message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/x-amz-json-1.0',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `x-amzn-RequestId: ${requestId}`,
    'Connection: keep-alive',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
