import { decodeBase64, decodeUtf8 } from '../../encoding.js';

/** The first part of a JWT is a JSON object that names an algorithm (RFC 7519 §5, RFC 7515 §4.1.1). */
export function jwt(text: string): boolean {
  const header = decodeBase64(text.slice(0, text.indexOf('.')));
  if (header === null) return false;
  try {
    const parsed: unknown = JSON.parse(decodeUtf8(header));
    return typeof parsed === 'object' && parsed !== null && 'alg' in parsed && typeof parsed.alg === 'string';
  } catch {
    return false;
  }
}
