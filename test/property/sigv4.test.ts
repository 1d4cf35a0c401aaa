import fc from 'fast-check';
import { createPreparedFrames } from '../../shared/post/prepared-frames.ts';
import { createPostSigner } from '../../shared/post/sigv4.ts';
import { signByReference } from '../helpers/reference-signer.ts';

/** Any id that a URL can hold as one segment. */
const connectionId = fc
  .oneof(fc.base64String({ minLength: 4 }), fc.string({ unit: 'binary', minLength: 1 }))
  .filter((id) => id !== '' && id !== '.' && id !== '..');
const segment = fc.stringMatching(/^[A-Za-z0-9_$äé~()!*' -]{1,12}$/).filter((text) => text.trim() === text);
const credentials = fc.record({
  accessKeyId: fc.stringMatching(/^A[A-Z0-9]{4,20}$/),
  secretAccessKey: fc.base64String({ minLength: 1, maxLength: 200 }),
  sessionToken: fc.option(fc.base64String({ minLength: 1, maxLength: 2_000 }), { nil: undefined }),
});
const moment = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 11, 31) });

describe('the signature of a post, of any post', () => {
  it('has the bytes of the official signer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 3 }),
        fc.array(fc.tuple(connectionId, fc.string({ unit: 'grapheme' }), credentials, moment), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.constantFrom('eu-central-1', 'us-gov-west-1'),
        async (path, posts, region) => {
          const callbackUrl = `https://example.com/${path.join('/')}`;
          const sign = createPostSigner(callbackUrl, region);
          const prepare = createPreparedFrames();

          for (const [id, text, by, nowMs] of posts) {
            const signed = sign(id, prepare(text), { credentials: by, nowMs });

            expect(signed).toEqual(await signByReference({ callbackUrl, region, credentials: by, nowMs }, signed));
            expect(signed.body.toString()).toBe(text);
            expect(decodeURIComponent(signed.path.split('/').at(-1) ?? '')).toBe(id);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
