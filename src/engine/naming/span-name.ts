/**
 * Span names with their ids replaced, so that one operation is one name. OpenTelemetry asks for "the most general
 * string that identifies a (statistically) interesting class of Spans" (specification/trace/api.md): `GET /users/42`
 * should be `GET /users/{id}`.
 */
export function spanNameTemplate(name: string): string {
  return name
    .replace(UUID, '{id}')
    .split(SEPARATORS)
    .map((token) => (isSeparator(token) ? token : templateToken(token)))
    .join('');
}

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const SEPARATORS = /([/\s.,:;=?&()[\]{}<>"'|#]+)/;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Words with digits that name a thing, not one of many: versions, protocols, products, common abbreviations. */
const WORDS =
  /^(?:v\d+(?:(?:alpha|beta)\d*)?|s3|ec2|sqs|h2|h3|http[123]?|oauth2?|utf\d+|sha\d+|md5|base(?:32|58|64)|k8s|i18n|l10n|a11y|b2[bc]|p2p|e2e|x509|x86|x64|arm64|ipv[46]|log4j2?|neo4j|db2|mp[34]|web3|oidc|saml2|tls1|int(?:8|16|32|64))$/i;

function isSeparator(token: string): boolean {
  return SEPARATORS.test(token);
}

function templateToken(token: string): string {
  if (token === '' || WORDS.test(token)) return token;
  if (isId(token)) return '{id}';
  if (!/[-_]/.test(token)) return token;
  return token
    .split(/([-_])/)
    .map((part) => (part.length > 1 && !WORDS.test(part) && isId(part) ? '{id}' : part))
    .join('')
    .replace(/(?:\{id\}[-_])+\{id\}/g, '{id}');
}

function isId(token: string): boolean {
  if (/^\d+$/.test(token) || ULID.test(token)) return true;
  if (/^[0-9a-f]{6,}$/i.test(token) && /\d/.test(token)) return true;
  return token.length >= 10 && !/[-_]/.test(token) && (token.match(/\d/g)?.length ?? 0) >= 3;
}
