const EMPTY =
  /^(?:n\/?a|none|null|nil|undefined|unknown|unspecified|undisclosed|not (?:given|known|set|specified|provided|applicable)|prefer not to (?:say|answer)|keine? angabe|string|text|varchar|value|true|false|yes|no|on|off|enabled|disabled|required|optional|missing|empty|blank|default|any|all|other|test|tbd|todo|error|ok|success|failed?|redacted|filtered|masked|removed|hidden|anonymous|anonymi[sz]ed|x+|-+|\?+|\*+)$/i;
const TEMPLATE = /[{}<>$%*]|redacted|\[filtered\]|\bnull\b/i;

/** More is a text about something and no answer. */
const LONGEST = 160;

/** Something that somebody said of a person: no placeholder, switch, type name or template, and not redacted already. */
export function filledIn(text: string): boolean {
  if (text.length > LONGEST) return false;
  return text.trim() !== '' && !EMPTY.test(text.trim()) && !TEMPLATE.test(text) && !/^(.)\1*$/.test(text);
}
