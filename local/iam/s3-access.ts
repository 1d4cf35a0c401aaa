import type { Access } from './evaluate.ts';
import type { Refusal } from './refusals.ts';
import { isAgeFault } from './signature-age.ts';

/** A request to S3, as far as its permission depends on it. */
export interface S3Request {
  readonly method: string;
  /** The path and query. Buckets are in the path, since the runtime's address is no name that could have them. */
  readonly url: string;
}

/** A refusal with the status that S3 gives it. */
export interface S3Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** The permissions for an object, by the method. */
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  DELETE: 'DeleteObject',
  GET: 'GetObject',
  HEAD: 'GetObject',
  POST: 'PutObject',
  PUT: 'PutObject',
};

/** The permissions for a bucket, by the method. */
const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  DELETE: 'DeleteBucket',
  GET: 'ListBucket',
  HEAD: 'ListBucket',
  PUT: 'CreateBucket',
};

/** The statuses of refusals that are not 403. */
const BAD_REQUEST = 400;
const FORBIDDEN = 403;

/**
 * Returns what a request does, as policies name it:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html. Requests for parts of an
 * object such as its tags count as ones for the object.
 */
export function s3Accesses({ method, url }: S3Request, partition: string): readonly Access[] {
  const [path = '', query = ''] = url.slice(1).split('?');
  const [bucket = '', ...rest] = decodePath(path).split('/');
  const key = rest.join('/');
  const arn = `arn:${partition}:s3:::${bucket}`;
  if (bucket === '') return [access('ListAllMyBuckets', '*')];
  if (key !== '') return [access(OBJECT_ACTIONS[method] ?? method, `${arn}/${key}`)];
  // The keys are in the body. One statement for the objects of a bucket is what templates have.
  if (method === 'POST' && new URLSearchParams(query).has('delete')) return [access('DeleteObject', `${arn}/*`)];
  return [access(BUCKET_ACTIONS[method] ?? method, arn)];
}

const access = (action: string, resource: string): Access => ({ action: `s3:${action}`, resource, context: {} });

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Not a path that S3 could have: judged as it is.
    return path;
  }
}

/** The refusal of a signature that is too old, or of a time to come. */
const SKEWED = {
  code: 'RequestTimeTooSkewed',
  message: "The difference between the request time and the server's time is too large.",
} as const;

/** Words a refusal as S3 does. */
export function s3Refusal({ errorType, message }: Refusal): S3Refusal {
  if (errorType === 'UnrecognizedClientException') {
    const unknown = 'The AWS Access Key Id you provided does not exist in our records.';
    return { status: FORBIDDEN, code: 'InvalidAccessKeyId', message: unknown };
  }
  if (message.startsWith('The request signature we calculated')) {
    return { status: FORBIDDEN, code: 'SignatureDoesNotMatch', message };
  }
  if (isAgeFault(message)) return { status: FORBIDDEN, ...SKEWED };
  if (errorType !== 'AccessDeniedException') {
    return { status: BAD_REQUEST, code: 'AuthorizationHeaderMalformed', message };
  }
  const quoted = message.replace(/on resource: (\S+)/, 'on resource: "$1"');
  return { status: FORBIDDEN, code: 'AccessDenied', message: quoted };
}
