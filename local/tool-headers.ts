/** The time that the requests of tools name for their signature. */
const SIGNED_AT = '20260101T000000Z';

/**
 * Returns the headers of the runtime's own requests to an engine. Their signature names its parts and is none: the
 * engines require one and check none, and the runtime has judged before.
 */
export const toolHeaders = (service: string, region: string): Readonly<Record<string, string>> => ({
  'x-amz-date': SIGNED_AT,
  authorization:
    `AWS4-HMAC-SHA256 Credential=local/${SIGNED_AT.slice(0, 8)}/${region}/${service}/aws4_request, ` +
    `SignedHeaders=host, Signature=${'0'.repeat(64)}`,
});
