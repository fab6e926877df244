import { filledIn } from './filled-in.js';

/** Words that are no part of anybody's name but stand where names stand in code, queries and interfaces. */
const NO_NAME =
  /\b(?:service|server|client|host|user|users|admin|administrator|root|system|account|customer|name|first|last|full|given|family|surname|column|table|input|param|query|select|where|from|like|ilike|asc|desc|order|string|integer|boolean|guest|team|inc|ltd|llc|gmbh|corp|api|app|worker|queue|default|production|staging|version|function|class|object|type|is|in|exists|required|invalid|must|cannot)\b/i;
/** A hump inside of a word, which names have behind Mc, Mac, De, Van and the like only. */
const HUMP = /(?:^|[\s-])(?!(?:Mc|Mac|De|Del|Di|Da|Du|La|Le|Van|Von|Fitz|Ab|Al|El)\p{Lu})\p{L}*\p{Ll}\p{Lu}/u;

/** One to five words of letters as names are written, and none that is a placeholder, an identifier of code or a word of queries. */
export function personName(written: string): boolean {
  const text = written.replace(/\+|%20/g, ' ').trim();
  const words = text.split(/ +/);
  if (words.length > 5 || !words.every((word) => /^\p{L}[\p{L}\p{M}'’.-]*$/u.test(word))) return false;
  if (text.replace(/[^\p{L}]/gu, '').length < 2 || /\p{L}\.\p{L}{2}/u.test(text)) return false;
  return filledIn(text) && !NO_NAME.test(text) && !HUMP.test(text);
}
