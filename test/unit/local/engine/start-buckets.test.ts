import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { answers } from '../../../../local/engine/start-on-free-port.ts';
import { type Buckets, startBuckets } from '../../../../local/engine/start-buckets.ts';
import { temporaryDirectory } from '../assembly/sample-app.ts';

const BUCKET = 'sample-failures';
const KEY = 'aws/lambda/mapping/shardId-0/2026/11/20/2026-11-20T10.00.00-a';

describe('startBuckets', () => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  async function start(options: { readonly dataDirectory?: string }): Promise<{ buckets: Buckets; client: S3Client }> {
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

  it('does not listen on other addresses', async () => {
    const { buckets } = await start({});
    const otherAddress = buckets.endpoint.replace('127.0.0.1', '127.0.0.2');

    const reached = await answers(otherAddress);

    expect(otherAddress).not.toBe(buckets.endpoint);
    expect(reached).toBe(false);
  });
});
