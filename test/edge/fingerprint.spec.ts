import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyedFingerprint } from '../../src/edge/auth/fingerprint.js';

test('a fingerprint is the first half of an HMAC-SHA-256, whatever the lengths of key and text', () => {
  const key = fc.uint8Array({ maxLength: 64 });
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1000, maxLength: 5000 }));
  fc.assert(
    fc.property(key, text, text, (bytes, detector, match) => {
      const fingerprint = keyedFingerprint(bytes);
      const wanted = createHmac('sha256', bytes).update(`${detector}\0${match}`).digest('hex').slice(0, 32);
      expect([fingerprint(detector, match), fingerprint(detector, match)]).toEqual([wanted, wanted]);
    }),
  );
});
