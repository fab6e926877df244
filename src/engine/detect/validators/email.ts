import { TOP_LEVEL_DOMAINS } from '../domains.js';

/** Mailboxes of programs, and users of machines. */
const NOBODY =
  /^(?:git|hg|svn|root|ubuntu|ec2-user|nobody|www-data|mailer-daemon|postmaster|(?:[a-z0-9]+[._+-])?(?:no|do-?not|donot)[._-]?reply(?:[._+-].*)?|bounces?(?:[._+-].*)?)$/i;
/** Accounts of programs that have the form of an address. */
const PROGRAMS = /\.gserviceaccount\.com$|(?:^|\.)ingest(?:\.[a-z]{2})?\.sentry\.io$/i;
/** `icon@2x.png`, `react@19.3.1`, and files of programs whose ending is a country. */
const NOT_A_NAME = /^\d+(?:\.\d+)?x\.|^\d+\.\d+\.|^[^.]+\.(?:py|sh)$/i;

/** A mailbox of RFC 5321 form at a top-level domain that exists; `git@`, service accounts and no-reply senders identify nobody. */
export function email(text: string): boolean {
  const at = text.search(/@|%40/i);
  const local = text.slice(0, at);
  const domain = text.slice(at + (text[at] === '@' ? 1 : 3));
  if (local.length > 64 || domain.length > 253) return false;
  if (NOBODY.test(local) || PROGRAMS.test(domain) || NOT_A_NAME.test(domain)) return false;
  if (/\.\.|^[.-]|[.-]$|\//.test(local)) return false;
  const labels = domain.split('.');
  const last = labels.at(-1)!.toLowerCase();
  if (!TOP_LEVEL_DOMAINS.has(last) && !/^xn--[a-z0-9-]{2,}$/.test(last)) return false;
  return labels.every((label) => label.length >= 1 && label.length <= 63 && !/^-|-$/.test(label));
}
