/** Forms by which a word of a span name is taken for an id. */
export type IdForm = 'digits' | 'ulid' | 'hex' | 'mixed' | 'parts' | 'uuid' | 'time' | 'ipv4' | 'pod';

/** Words with digits that name a thing, not one of many: versions, protocols, products, common abbreviations. */
export const WORDS =
  /^(?:v\d+(?:(?:alpha|beta)\d*)?|s3|ec2|sqs|h2|h3|http[123]?|oauth2?|utf\d+|sha\d+|md5|base(?:32|58|64)|k8s|i18n|l10n|a11y|b2[bc]|p2p|e2e|x509|x86|x64|arm64|ipv[46]|log4j2?|neo4j|db2|mp[34]|web3|oidc|saml2|tls1|(?:u?int|float)(?:8|16|32|64)|rfc\d{3,4}|iso\d{4,5})$/i;

/** Those of them that no random text holds by chance, so that they count as words inside a longer one, too. */
const LONG_WORDS =
  /(?:utf(?:8|16|32)|sha(?:1|256|384|512)|base(?:32|58|64)|oauth2|rfc\d{3,4}|iso8601|float(?:32|64))/gi;

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const MIN_HEX = 6;
const MIN_MIXED = 10;
const MIN_DIGITS = 3;

/**
 * Which id a word is by its form, null for none. In this order: all digits; ULID; hexadecimal with a digit, from six
 * characters on (`facade` and `feed` are words); letters and digits with three digits, from ten characters on (`db1` is
 * a word).
 */
export function idForm(word: string): IdForm | null {
  if (/^\d+$/.test(word)) return 'digits';
  if (ULID.test(word)) return 'ulid';
  if (word.length >= MIN_HEX && /^[0-9a-f]+$/i.test(word) && /\d/.test(word)) return 'hex';
  if (word.length < MIN_MIXED || /[-_]/.test(word)) return null;
  return (word.replace(LONG_WORDS, '').match(/\d/g)?.length ?? 0) >= MIN_DIGITS ? 'mixed' : null;
}

const MAX_SHAPE = 24;

/**
 * What an id looked like, and nothing of what it said: `9999` for digits, `9999-99-99` for parts, `hex(24)` where the
 * characters of each are others. At most 24 characters, without commas.
 */
export function shapeOf(form: IdForm, text: string): string {
  switch (form) {
    case 'uuid':
    case 'ulid':
    case 'ipv4':
      return form;
    case 'pod':
      return 'pod suffix';
    case 'time':
      return '9999-99-99T99:99';
    case 'hex':
    case 'mixed':
      return `${form}(${text.length})`;
    default:
      return characterClasses(text);
  }
}

/** `AB-12` as `AA-99`; runs of letters as four at most, since their length says more than their being there. */
export function characterClasses(text: string): string {
  const shape = text
    .replace(/\p{Nd}/gu, '9')
    .replace(/\p{Lu}/gu, 'A')
    .replace(/[\p{L}\p{M}]/gu, (letter) => (letter === 'A' ? 'A' : 'a'))
    .replace(/([Aa])\1{4,}/g, '$1$1$1$1')
    .replace(/[^9Aa_.-]/gu, '*');
  return shape.length > MAX_SHAPE ? `${shape.slice(0, MAX_SHAPE - 1)}…` : shape;
}
