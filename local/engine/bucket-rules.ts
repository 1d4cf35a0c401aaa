import type { BuildAppOptions, buildApp } from 'fauxqs';
import type { OriginGuard } from '../origin-guard.ts';
import { servedRequestOf } from '../iam/signed-request.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';
import { isQueueCall } from './queue-rules.ts';

type BucketStore = NonNullable<BuildAppOptions['stores']>['s3Store'];
type StoredObject = ReturnType<BucketStore['listObjects']>['objects'][number];
type ListOptions = NonNullable<Parameters<BucketStore['listObjects']>[1]>;
type Application = ReturnType<typeof buildApp>;

/** The most keys in one page of a listing, as in S3. */
const PAGE_KEYS = 1_000;

const FORBIDDEN = 403;
const PRECONDITION_FAILED = 412;

/**
 * Lists a bucket's keys in the order of their bytes in UTF-8, as S3 does:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. The package lists them in the order of a
 * language and continues in another one, which loses keys between pages.
 */
export function listInByteOrder(store: BucketStore): void {
  const listAll = store.listObjects.bind(store);
  store.listObjects = (bucket, options = {}) => {
    const { objects } = listAll(bucket, { prefix: options.prefix ?? '', maxKeys: Number.POSITIVE_INFINITY });
    const from = options.startAfter ?? options.marker ?? '';
    const entries = groupKeys(objects, options).filter(({ name }) => from === '' || compareBytes(name, from) > 0);
    return pageOf(entries, options.maxKeys ?? PAGE_KEYS);
  };
}

/** An entry of a listing: an object, or the common prefix of several. */
interface Entry {
  readonly name: string;
  readonly object: StoredObject | undefined;
}

function groupKeys(objects: readonly StoredObject[], { prefix = '', delimiter }: ListOptions): Entry[] {
  const entries = new Map<string, Entry>();
  for (const object of objects) {
    const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
    const name = end === -1 ? object.key : object.key.slice(0, end + (delimiter ?? '').length);
    entries.set(name, { name, object: end === -1 ? object : undefined });
  }
  return [...entries.values()].toSorted((a, b) => compareBytes(a.name, b.name));
}

/**
 * Returns the first entries. The package continues a listing after the page's last object, so a page does not end with
 * prefixes after an object.
 */
function pageOf(entries: readonly Entry[], maxKeys: number): ReturnType<BucketStore['listObjects']> {
  const isTruncated = entries.length > maxKeys;
  const most = entries.slice(0, maxKeys);
  const lastObject = most.findLastIndex(({ object }) => object !== undefined);
  const page = isTruncated && lastObject !== -1 ? most.slice(0, lastObject + 1) : most;
  return {
    objects: page.flatMap(({ object }) => (object === undefined ? [] : [object])),
    commonPrefixes: page.flatMap(({ name, object }) => (object === undefined ? [name] : [])),
    isTruncated,
  };
}

function compareBytes(first: string, second: string): number {
  return Buffer.compare(Buffer.from(first), Buffer.from(second));
}

/**
 * Refuses every request of a web page. The package checks neither signatures nor origins, and a page may send some
 * requests without asking first: `POST ?delete`, for one, deletes objects.
 */
export function refuseWebPages(app: Application, guard: OriginGuard): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!guard.refuses(request.headers)) return;
    await reply
      .status(FORBIDDEN)
      .header('content-type', 'application/xml')
      .send(errorOf('AccessDenied', 'Access Denied'));
  });
}

/** A refusal of a signed request, as S3 answers it. */
interface BucketRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** A request as its permission depends on it. */
interface BucketRequest {
  readonly method: string;
  /** The path and query. */
  readonly url: string;
  readonly authorization: string;
  /** The request, whose signature is verified. The hash of the body is the one that it names. */
  readonly signed?: CoveredRequest | undefined;
}

/** Returns the refusal of a signed request; undefined for one that may pass. */
export type AuthorizeBuckets = (
  request: BucketRequest,
) => BucketRefusal | undefined | Promise<BucketRefusal | undefined>;

/** Refuses signed requests of callers that may not send them. The package checks no rights. */
export function refuseUnauthorized(app: Application, authorize: AuthorizeBuckets): void {
  app.addHook('onRequest', async ({ raw, method, url, headers }, reply) => {
    const { authorization } = headers;
    const refusal =
      authorization === undefined || isQueueCall(headers)
        ? undefined
        : await authorize({ method, url, authorization, signed: servedRequestOf(raw) });
    if (refusal === undefined) return;
    await reply
      .status(refusal.status)
      .header('content-type', 'application/xml')
      .send(errorOf(refusal.code, refusal.message));
  });
}

const errorOf = (code: string, message: string): string =>
  `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

/**
 * Refuses a PutObject with `If-None-Match: *` for a key that exists, as S3 does. The package ignores the header. See
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function refuseExisting(app: Application, store: BucketStore): void {
  app.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'PUT' || request.headers['if-none-match'] !== '*') return;
    const [path = ''] = request.url.slice(1).split('?');
    const [bucket = '', ...key] = decodeURIComponent(path).split('/');
    if (!exists(store, bucket, key.join('/'))) return;
    const message = 'At least one of the pre-conditions you specified did not hold';
    await reply
      .status(PRECONDITION_FAILED)
      .header('content-type', 'application/xml')
      .send(errorOf('PreconditionFailed', message));
  });
}

function exists(store: BucketStore, bucket: string, key: string): boolean {
  try {
    store.headObject(bucket, key);
    return true;
  } catch {
    // No such key or bucket.
    return false;
  }
}
