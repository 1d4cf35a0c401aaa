import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { answers } from '../../../../local/engine/start-on-free-port.ts';
import { type Buckets, type BucketsOptions, startBuckets } from '../../../../local/engine/start-buckets.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { sendRaw } from '../raw-request.ts';

const BUCKET = 'sample-failures';
const KEY = 'aws/lambda/mapping/shardId-0/2026/11/20/2026-11-20T10.00.00-a';

describe('startBuckets', () => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  async function start(options: BucketsOptions): Promise<{ buckets: Buckets; client: S3Client }> {
    const buckets = await startBuckets([BUCKET], options);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const client = new S3Client({ endpoint: buckets.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    cleanUps.push(
      () => buckets.stop(),
      () => client.destroy(),
    );
    return { buckets, client };
  }

  it('stores an object and gives it back', async () => {
    const { client } = await start({});

    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: '{"version":"1.0"}' }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));

    expect(await Body?.transformToString()).toBe('{"version":"1.0"}');
  });

  it.each([
    ['of another origin', { origin: 'https://example.com' }],
    ['of a sandboxed frame', { origin: 'null' }],
    ['that came by DNS rebinding', { host: 'sample-failures.evil.example' }],
  ])('deletes nothing for a web page %s', async (_what, headers) => {
    const { buckets, client } = await start({});
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'kept' }));

    const { status } = await sendRaw(`${buckets.endpoint}/${BUCKET}?delete`, {
      method: 'POST',
      // A page may send this type to any site without asking first.
      headers: { 'content-type': 'text/plain', ...headers },
      body: `<Delete><Object><Key>${KEY}</Key></Object></Delete>`,
    });
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));

    expect(status).toBe(403);
    expect(Contents?.map((object) => object.Key)).toEqual([KEY]);
  });

  it('names each queue by a URL of this machine, in any account', async () => {
    const queue = {
      logicalId: 'Orders',
      name: 'orders',
      arn: 'arn:aws:sqs:eu-west-1:123456789012:orders',
      url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders',
      attributes: {},
    };
    const { buckets } = await start({ queues: [queue] });
    const call = async (operation: string, input: object) => {
      const scope = 'AWS4-HMAC-SHA256 Credential=any/20261130/eu-west-1/sqs/aws4_request';
      const headers = { 'content-type': 'application/x-amz-json-1.0', authorization: scope };
      const options = { method: 'POST', body: JSON.stringify(input) };
      const target = `AmazonSQS.${operation}`;
      return await (
        await fetch(buckets.endpoint, { ...options, headers: { ...headers, 'x-amz-target': target } })
      ).json();
    };
    const url = `${buckets.endpoint}/123456789012/orders`;

    const named = await call('GetQueueUrl', { QueueName: 'orders' });
    const listed = await call('ListQueues', {});
    for (const QueueUrl of [url, queue.url]) await call('SendMessage', { QueueUrl, MessageBody: 'x' });

    expect([named, listed]).toEqual([{ QueueUrl: url }, { QueueUrls: [url] }]);
    expect(buckets.queues.getQueueByArn(queue.arn)?.getAttribute('ApproximateNumberOfMessages')).toBe('2');
  });

  it('keeps objects in the data directory from one run to the next', async () => {
    const directory = temporaryDirectory();
    cleanUps.push(() => directory.remove());
    const first = await start({ dataDirectory: directory.path });
    await first.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'kept' }));
    await first.buckets.stop();

    const second = await start({ dataDirectory: directory.path });
    const { Contents } = await second.client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    const { Body } = await second.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));

    expect(Contents?.map((object) => object.Key)).toEqual([KEY]);
    expect(await Body?.transformToString()).toBe('kept');
  });

  async function keysInPages(client: S3Client, options: Partial<ListObjectsV2CommandInput>): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client }, { Bucket: BUCKET, ...options })) {
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      keys.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    }
    return keys;
  }

  it.each([1, 2, 3, 1_000])('lists every key once, in byte order, in pages of %p', async (MaxKeys) => {
    const { client } = await start({});
    const keys = ['b', 'a', 'B', '_', 'á', 'z', 'A/1', 'a-1', 'a/1', '\u{1f600}', '\uffee'];
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));

    const listed = await keysInPages(client, { MaxKeys });

    expect(listed).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it.each([1, 2, 3, 1_000])('lists every key and every common prefix once in pages of %p', async (MaxKeys) => {
    const { client } = await start({});
    for (const Key of ['p/B/1', 'p/B/2', 'p/a', 'p/b/1', 'p/c', 'p/d/1', 'p/e/1', 'q']) {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
    }

    const listed = await keysInPages(client, { MaxKeys, Prefix: 'p/', Delimiter: '/' });

    expect(listed.toSorted()).toEqual(['p/B/', 'p/a', 'p/b/', 'p/c', 'p/d/', 'p/e/']);
  });

  it('writes an object with If-None-Match only if there is none of its key', async () => {
    const { client } = await start({});
    const object = { Bucket: BUCKET, Key: 'a/b c', IfNoneMatch: '*' };
    await client.send(new PutObjectCommand({ ...object, Body: 'first' }));

    const second = client.send(new PutObjectCommand({ ...object, Body: 'second' }));

    await expect(second).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'a/b c' }));
    expect(await Body?.transformToString()).toBe('first');
  });

  it('does not listen on other addresses', async () => {
    const { buckets } = await start({});
    const otherAddress = buckets.endpoint.replace('127.0.0.1', '127.0.0.2');

    const reached = await answers(otherAddress);

    expect(otherAddress).not.toBe(buckets.endpoint);
    expect(reached).toBe(false);
  });
});
