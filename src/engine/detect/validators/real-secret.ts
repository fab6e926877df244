/** What people and tools put where a secret was, or is going to be. */
const STAND_IN =
  /redacted|filtered|masked|scrubbed|sanitized|obfuscated|placeholder|example|change[-_]?me|change[-_]?it|replace[-_]?(?:me|with)|your[-_ ]|dummy|xxxx|(?:\*|%2A|•){3}|\.{4}|insert[-_]/i;
/** Templates of shells, format strings and template languages, and references to where a secret is kept. */
const TEMPLATE =
  /\$\{[^}]*\}|\$\([^)]*\)|\{\{|#\{|<%|^<[^>]*>$|^\{[^}]*\}$|^\$\w+$|^\$\$|^%[sdvq]$|^%\(|^%\w+%$|^:[a-z_]+$|^@p\d+$|^\?+$|^\[.*\]$|^__\w+__$|^(?:process\.env|os\.(?:environ|getenv)|env|ENV|System\.getenv|secrets?|vault|op|ref|ssm|sm|kms|gsm|keyvault)[.:[(]|^@Microsoft\.KeyVault|^ENC[([]/;
const EMPTY_WORD =
  /^(?:null|nil|none|undefined|true|false|unset|empty|hidden|omitted|removed|missing|required|optional|invalid|secret|token|password|passwd|passphrase|pass|pwd|user|username|string|str|text|bytes|object|any|value|n\/a|\(null\)|test|testing|foo|bar|foobar)$/i;

/**
 * Not a stand-in for a secret: a value that was redacted already, a template, a documentation example or one character
 * over and over. Redacting those again would only hide that the redaction works.
 */
export function realSecret(text: string): boolean {
  return !STAND_IN.test(text) && !TEMPLATE.test(text) && !EMPTY_WORD.test(text) && !/^(.)\1*$/.test(text);
}
