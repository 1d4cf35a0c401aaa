import { STATUS_CODES } from 'node:http';
import type { Denial } from './judge.ts';
import type { Signer } from './signature.ts';

/** A refusal as a service answers it. */
export interface Refusal {
  readonly errorType: string;
  readonly message: string;
}

type Refused = Exclude<Signer, { kind: 'function' } | { kind: 'operator' }>;

/** Words the refusal of a signature as the services with JSON protocols do. */
export function signatureRefusal(caller: Refused): Refusal {
  switch (caller.kind) {
    case 'unsigned':
      return { errorType: 'MissingAuthenticationTokenException', message: 'Request is missing Authentication Token' };
    case 'unknown-key':
      return {
        errorType: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      };
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

/**
 * Returns the whole HTTP response of a service with the protocol AWS JSON 1.0, such as DynamoDB. Access refusals have
 * the member `Message`, errors of signatures `message`.
 */
export function jsonResponse({ errorType, message }: Refusal, requestId: string): string {
  const member = errorType === 'AccessDeniedException' ? 'Message' : 'message';
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${errorType}`, [member]: message });
  const status = 400;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/x-amz-json-1.0',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `x-amzn-RequestId: ${requestId}`,
    'Connection: keep-alive',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
