import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import type { KeptObject } from '../shared/from-table/kept-record.ts';

/** Deadline in ms of one request to S3. */
const REQUEST_TIMEOUT_MS = 5_000;

/** Opens the failure bucket: a function that puts an object there. */
export function openFailures(): (object: KeptObject) => Promise<void> {
  const Bucket = requiredText(ENVIRONMENT.failuresBucket);
  const s3 = new S3Client({
    // A bucket's name in the path: in the host's name it would resolve at AWS's own endpoint only.
    forcePathStyle: true,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  return async ({ key, body }) => void (await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: body })));
}
