import { realSecret } from './real-secret.js';

/**
 * The user information of a URL with a password in it: `user:password` of RFC 3986 §3.2.1, in which the password is no
 * stand-in, and not the name of the user once more, as in the default accounts of servers.
 */
export function userAndPassword(text: string): boolean {
  const pair = text.includes(':') ? text : decoded(text);
  const colon = pair.indexOf(':');
  const [user, password] = [decoded(pair.slice(0, colon)), decoded(pair.slice(colon + 1))];
  return colon >= 0 && password.length >= 2 && password !== user && realSecret(password) && !/^[:*.-]+$/.test(password);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
