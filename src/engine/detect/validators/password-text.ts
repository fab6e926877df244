import { HARMLESS_SHAPES } from '../harmless-shapes.js';
import { randomText } from './random-text.js';
import { realSecret } from './real-secret.js';

const HARMLESS = ['timestamp', 'version', 'digest', 'path', 'identifier', 'repeated'];
/** What code and configuration say about passwords in words with digits. */
const WORDS =
  /^(?:[a-z]+[_-])*(?:pbkdf2|argon2(?:id?|d)?|sha-?\d+|md5|utf-?\d+|base64|oauth2|aes-?\d+|v\d+|iso-?\d+|x509|ntlmv\d)(?:[_-][a-z0-9]+)*$/i;
/** A way into an object or a call of code, and a reference to a store of secrets. */
const REFERENCE = /^[a-z_$][\w$]*(?:(?:\.|->|::)[a-z_$][\w$]*)+$|^[a-z][a-z0-9+.-]*:\/\/|^[a-z]+:[a-z/]+|^arn:/i;
/** A symbol that something follows; at the end it is punctuation, as in the type `String!`. */
const SYMBOL = /[!#$%&*+=?@^|~].*[^!?]/;

/**
 * Text that can be a password that somebody has: random, or of six characters and more of two kinds (letters, digits,
 * symbols), or six and more digits. Not a stand-in, a word, an algorithm, a path, a date, or a name of code.
 */
export function passwordText(text: string): boolean {
  if (text.length < 6 || text.length > 256 || !realSecret(text) || REFERENCE.test(text) || WORDS.test(text))
    return false;
  if (HARMLESS.some((shape) => HARMLESS_SHAPES[shape]!(text)) && !randomText(text)) return false;
  const [letter, digit, symbol] = [/\p{L}/u.test(text), /\d/.test(text), SYMBOL.test(text)];
  return randomText(text) || Number(letter) + Number(digit) + Number(symbol) > 1 || /^\d{6,}$/.test(text);
}
