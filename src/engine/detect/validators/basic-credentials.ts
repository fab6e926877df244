import { decodeBase64, decodeUtf8 } from '../../encoding.js';

/** Base64 of `user:password` in printable characters, the credentials of HTTP Basic (RFC 7617 §2). */
export function basicCredentials(text: string): boolean {
  const decoded = decodeBase64(text);
  return decoded !== null && /^[^:\p{Cc}\uFFFD]*:[^\p{Cc}\uFFFD]+$/u.test(decodeUtf8(decoded));
}
