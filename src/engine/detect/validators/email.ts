/** File endings and suffixes of host names that look like the end of a mail address but are none. */
const NOT_DOMAINS =
  /\.(?:png|jpe?g|gif|svg|webp|css|js|mjs|ts|json|html?|php|java|go|py|rb|service|target|socket|internal|localhost)$/i;

/** A mailbox of RFC 5321 form at a name that can be in the public DNS; `git@` and no-reply senders identify nobody. */
export function email(text: string): boolean {
  const at = text.search(/@|%40/i);
  const local = text.slice(0, at);
  const domain = text.slice(at + (text[at] === '@' ? 1 : 3));
  if (local.length > 64 || domain.length > 253) return false;
  if (/^(?:git|no-?reply|do-?not-?reply|postmaster|mailer-daemon)$/i.test(local)) return false;
  if (NOT_DOMAINS.test(domain) || /\.\.|^[.-]|[.-]$/.test(local)) return false;
  // A package with its version.
  if (/^\d+\.\d+\./.test(domain)) return false;
  return domain.split('.').every((label) => label.length >= 1 && label.length <= 63 && !/^-|-$/.test(label));
}
