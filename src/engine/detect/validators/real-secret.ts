/** What people and tools put where a secret was, or is going to be. */
const STAND_IN = /redacted|filtered|masked|scrubbed|placeholder|example|changeme|your[-_ ]|dummy|xxxx|\*\*\*/i;
/** Templates of shells, format strings and template languages: the value comes in later. */
const TEMPLATE = /\$\{[^}]*\}|\{\{|^<[^>]*>$|^\{[^}]*\}$|^\$\w+$|^%[sdv]$|^%\(|^:[a-z_]+$|^\?+$|^\[.*\]$/;
const EMPTY_WORD = /^(?:null|nil|none|undefined|true|false|password|secret|token)$/i;

/**
 * Not a stand-in for a secret: a value that was redacted already, a template, a documentation example or one character
 * over and over. Redacting those again would only hide that the redaction works.
 */
export function realSecret(text: string): boolean {
  return !STAND_IN.test(text) && !TEMPLATE.test(text) && !EMPTY_WORD.test(text) && !/^(.)\1*$/.test(text);
}
