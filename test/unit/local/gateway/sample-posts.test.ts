import { createSampling } from '../../../../local/gateway/sample-posts.ts';

const signedBy = (key: string): string =>
  `AWS4-HMAC-SHA256 Credential=${key}/20261130/us-east-1/execute-api/aws4_request`;

describe('the posts whose signatures are computed again', () => {
  it('are the first of each key, and then one of each 64', () => {
    const isSampled = createSampling();
    const sampled = (key: string, posts: number): number =>
      Array.from({ length: posts }, () => isSampled(signedBy(key))).filter(Boolean).length;

    expect(sampled('A', 100)).toBe(100);
    expect(sampled('A', 640)).toBe(10);
    expect(sampled('B', 100)).toBe(100);
  });
});
