import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { hmac, hmacKey } from '../../../../local/iam/hmac.ts';

it('an HMAC is that of Node, for every key and text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 300, unit: 'binary' }), (bytes, text) => {
      const key = Buffer.from(bytes);

      expect(hmac(hmacKey(key), text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
    }),
  );
});
