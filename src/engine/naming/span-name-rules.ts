import type { NamingFinding, NamingLevel } from '../model/naming-finding.js';
import { MAX_DATABASE_NAME } from './conventional-name.js';
import { isSql } from './span-name.js';
import { areaOf, isOnlyMethod, SERVER } from './span-name-area.js';

/** A span name as the rules see it. */
export interface CheckedName {
  /** The name with its ids replaced. */
  readonly template: string;
  /** Whether there were any, see `hasIds`. */
  readonly hadIds: boolean;
  /** Span kind of OTLP; rules that depend on it are left out without one. */
  readonly kind?: number | undefined;
}

/** How long names may be, by whom; in characters. */
export const NAME_LIMITS: readonly { readonly by: string; readonly characters: number; readonly level: NamingLevel }[] =
  [
    { by: 'the semantic conventions for databases', characters: MAX_DATABASE_NAME, level: 'violation' },
    { by: 'Dash0', characters: 128, level: 'improvement' },
  ];

const URL_HOST = /(?:https?|wss?):\/\/[^\s/?]+/i;
const PORT = String.raw`(?::(?:\d+|\{id\}))?`;
const BARE_HOST = new RegExp(
  String.raw`(?:^|\s)(?:(?:[\w{}-]+\.)+(?:com|net|org|io|dev|app|local|internal|cloud|svc)|localhost)${PORT}(?=[/?\s]|$)`,
  'i',
);
/** One word with dots is a package or a class more often than a host. */
const DOTTED_WORD = /^[\w.$]+$/;

interface Rule {
  readonly id: string;
  readonly level: NamingLevel;
  readonly applies: (name: CheckedName) => boolean;
  readonly what: (name: CheckedName) => string;
}

const RULES: readonly Rule[] = [
  {
    id: 'span_name_empty',
    level: 'violation',
    applies: ({ template }) => template.trim() === '',
    what: () => 'is empty: name the operation.',
  },
  {
    id: 'span_name_sql',
    level: 'violation',
    applies: ({ template }) => isSql(template),
    what: ({ template }) =>
      `is the text of a statement: use ${summaryOf(template)} and leave the text to db.query.text.`,
  },
  {
    id: 'span_name_query',
    level: 'violation',
    applies: ({ template }) => template.includes('?{query}'),
    what: () => 'holds the query of a URL: leave it to url.query.',
  },
  {
    id: 'span_name_only_id',
    level: 'violation',
    applies: ({ template, hadIds }) => hadIds && isOnlyIds(template),
    what: () => 'is an id and nothing else: name the operation.',
  },
  {
    id: 'span_name_not_general',
    level: 'violation',
    applies: ({ template, hadIds }) => hadIds && !isOnlyIds(template) && !isSql(template),
    what: () => 'holds an id: put it into an attribute.',
  },
  ...NAME_LIMITS.map(
    ({ by, characters, level }, i): Rule => ({
      id: 'span_name_too_long',
      level,
      applies: (name) => NAME_LIMITS.findIndex((limit) => isTooLong(name, limit)) === i,
      what: () => `is longer than the ${characters} characters of ${by}.`,
    }),
  ),
  {
    id: 'span_name_host',
    level: 'improvement',
    applies: ({ template }) => !isSql(template) && hostIn(template) !== null,
    what: () => 'holds a host: leave it to server.address.',
  },
  {
    id: 'span_name_only_method',
    level: 'improvement',
    applies: ({ template, kind }) => kind === SERVER && isOnlyMethod(template),
    what: () => 'is a method and nothing else: set http.route, which belongs behind it.',
  },
];

/**
 * All that is wrong with a span name, worst first, in the form of Weaver's live check. A template gives the same findings
 * as the names it stands for.
 */
export function checkSpanName(name: CheckedName): NamingFinding[] {
  return RULES.filter(({ applies }) => applies(name))
    .sort((a, b) => RANK[a.level] - RANK[b.level])
    .map(({ id, level, what }) => {
      return { id, level, message: `Span name ${what(name)}`, context: { span_name: name.template } };
    });
}

const RANK: Readonly<Record<NamingLevel, number>> = { violation: 0, improvement: 1, information: 2 };

/** A name that was too long to be stored whole ends in an ellipsis. */
function isTooLong({ template, kind }: CheckedName, limit: (typeof NAME_LIMITS)[number]): boolean {
  if (template.length <= limit.characters && !(template.endsWith('…') && template.length > 128)) return false;
  return limit.level !== 'violation' || (kind !== undefined && areaOf(template, kind) === 'database');
}

/** Whether nothing is left of a name beyond ids. */
export function isOnlyIds(template: string): boolean {
  return template.includes('{') && !/\p{L}/u.test(template.replace(/\{[^{}]*\}/g, ''));
}

function hostIn(template: string): string | null {
  if (DOTTED_WORD.test(template)) return null;
  return (URL_HOST.exec(template) ?? BARE_HOST.exec(template))?.[0] ?? null;
}

/**
 * A general name in the place of one that is not: without host and query, and the summary of a statement in the place of
 * its text. Null where nothing would be left that names an operation.
 */
export function suggestedName({ template }: Pick<CheckedName, 'template'>): string | null {
  if (isSql(template)) return summaryOf(template);
  const host = hostIn(template);
  const path = host === null ? template : template.replace(host, ' ');
  const name = path.replace('?{query}', '').replace(/\s+/g, ' ').trim();
  return name === '' || isOnlyIds(name) || name.endsWith('…') ? null : name;
}

/** `SELECT users` for a statement, like `db.query.summary` (semantic conventions, docs/db/database-spans.md). */
function summaryOf(sql: string): string {
  const operation = /^\s*(\w+)/.exec(sql)![1]!.toUpperCase();
  const table =
    /\b(?:from|into|update|join|table(?:\s+if\s+(?:not\s+)?exists)?)\s+(?:only\s+)?["'`[]?([\w.${}-]+)/i.exec(sql)?.[1];
  return table === undefined ? operation : `${operation} ${table}`;
}
