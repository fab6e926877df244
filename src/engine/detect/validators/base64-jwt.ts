import { decodeBase64, decodeUtf8 } from '../../encoding.js';
import { jwt } from './jwt.js';

/** Base64 of a JWT (RFC 7519 §3), as tokens are when they are stored or passed on as if they were bytes. */
export function base64Jwt(text: string): boolean {
  const decoded = decodeBase64(text);
  const inner = decoded === null ? '' : decodeUtf8(decoded);
  return inner.startsWith('eyJ') && inner.includes('.') && jwt(inner);
}
