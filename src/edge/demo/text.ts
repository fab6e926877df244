import type { Policy } from '../serve/contract.js';
import type { Access } from './access.js';
import type { CheckedLeak, LeakPlace } from './leaks.js';
import type { LoopResult } from './loop.js';
import { type DemoFinding, type DemoResult, notAnswered, notFound } from './result.js';

/*
 * The result of the demo for people: at most 100 columns, but for collector configuration, which is not cut.
 */

const WIDTH = 100;
const MAX_MASK = 28;
const SHOWN_POLICIES = 3;
const LOCATION_WORDS: Readonly<Record<string, string>> = {
  span: 'attribute',
  event: 'event attribute',
  resource: 'resource attribute',
  scope: 'scope attribute',
  link: 'link attribute',
  span_name: 'span name',
  status: 'status message',
  trace: 'traces',
};

/** The lines of the report. */
export function resultText(result: DemoResult, access: Access): string[] {
  const { seconds, traffic, spans } = result;
  const failed = traffic.failures === 0 ? '' : ` (${count(traffic.failures)} without an answer)`;
  return [
    '',
    `The shop ran for ${seconds} s: ${count(traffic.requests)} requests${failed}, ${count(spans)} spans.`,
    ...heading('What was found'),
    ...verdict(result),
    ...findings(result, access),
    ...unbounded(result),
    ...names(result),
    ...quality(result),
    ...heading('What it costs'),
    ...costs(result),
    ...savings(result),
    ...heading('What fixes it'),
    ...policies(result, access),
    ...heading('Where to look'),
    ...access.hint.map((line) => `  ${line}`),
    '',
  ];
}

/** The lines of the report on a policy that went all its way; its steps were said as they came. */
export function loopText({ policy, missing, spanwarden: { http } }: LoopResult, access: Access): string[] {
  const where = policy === null ? [] : [`  Its history: ${http}/ui/policies?id=${policy.id}`];
  const verdict =
    missing === null
      ? 'From the leak to its proved end, and back when the policy was broken: every step was seen.'
      : `The step "${missing}" did not come in time.`;
  return [
    '',
    ...wrap(verdict),
    ...(policy === null ? [] : [`  The policy: ${policy.title}`]),
    ...where,
    ...access.hint.map((line) => `  ${line}`),
    '',
  ];
}

function heading(text: string): string[] {
  return ['', text.toUpperCase(), ''];
}

function verdict({ leaks, findings: found }: DemoResult): string[] {
  const places = leaks.flatMap((leak) => leak.places);
  const missed = notFound(leaks);
  const planted = new Set(places.map((place) => place.finding));
  const more = found.filter((finding) => !planted.has(finding.id)).length;
  const all = `${leaks.length} planted leaks show in ${places.length} places`;
  const lines = wrap(
    missed.length === 0
      ? `The ${all}, and each was found${more === 0 ? '; nothing else was' : `, and ${more} more`}.`
      : `The ${all}; ${missed.length} of the places were not found:`,
  );
  return [...lines, ...missed.map(({ leak, place }) => `    ${missedPlace(leak, place)}`)];
}

function missedPlace({ id }: CheckedLeak, place: LeakPlace): string {
  const what =
    place.detector ??
    place.naming ??
    (place.indicator ? 'the indicator' : `${place.distinct_at_least} distinct values`);
  return `${id}: ${what} in ${where(place.location, place.key)} of ${place.service}`;
}

function where(location: string, key: string): string {
  const place = LOCATION_WORDS[location] ?? location;
  return location === 'status' ? place : `${place} ${key}`;
}

function findings({ findings: found }: DemoResult, { base }: Access): string[] {
  const lines: string[] = [];
  let last = '';
  for (const finding of found) {
    const kind = `${finding.severity} ${finding.detector.id}`;
    if (kind !== last) lines.push('', `  ${finding.severity.toUpperCase().padEnd(10)}${finding.detector.name}`);
    last = kind;
    lines.push(...findingLines(finding, base));
  }
  return lines;
}

function findingLines(finding: DemoFinding, base: string): string[] {
  const seen = `${count(finding.occurrences_of_run)} times`;
  const mask = cut(finding.mask, MAX_MASK);
  const place = cut(where(finding.location, finding.key), 44);
  return [
    `    ${finding.service.padEnd(11)} ${place.padEnd(44)} ${mask.padEnd(MAX_MASK)}${seen.padStart(11)}`,
    `                ${base}/ui/findings/${finding.id}`,
  ];
}

function unbounded({ leaks }: DemoResult): string[] {
  const places = leaks.flatMap((leak) => leak.places).filter((place) => place.distinct !== null);
  const lines = places.map(
    ({ service, location, key, distinct, growth }) =>
      `    ${service.padEnd(11)} ${where(location, key).padEnd(32)} ${count(distinct ?? 0)} values: ${(growth ?? 'unknown').replace('_', ' ')}`,
  );
  return ['', '  GROWING   Attributes with ever new values: distinct ones in this hour, and their growth', ...lines];
}

function names({ leaks }: DemoResult): string[] {
  const places = leaks.flatMap((leak) => leak.places).filter((place) => place.naming_message !== null);
  const lines = places.flatMap(({ service, location, key, naming_message: message }) => [
    `    ${service.padEnd(11)} ${where(location, key)}`,
    ...wrap(message ?? '', 16),
  ]);
  return ['', '  NAMES     What services call the same thing, beside each other', ...lines];
}

function quality({ leaks }: DemoResult): string[] {
  const places = leaks.flatMap((leak) => leak.places).filter((place) => place.indicator && place.value !== null);
  const lines = places.map(
    ({ service, key, value }) =>
      `    ${service.padEnd(11)} ${key.padEnd(44)} ${(value! * 100).toFixed(1)} % of traces or calls`,
  );
  return ['', '  QUALITY   Traces', ...lines];
}

function costs({ costs: { currency, price_model: model, rows, total }, seconds }: DemoResult): string[] {
  const small = digitsFor(total.cost);
  const large = digitsFor(total.cost_of_a_month_at_this_rate);
  const line = (cells: readonly string[]): string => {
    const [team = '', service = '', spans = '', bytes = '', cost = '', month = ''] = cells;
    const names = `  ${team.padEnd(12)}${service.padEnd(14)}`;
    return `${names}${spans.padStart(9)}${bytes.padStart(13)}${cost.padStart(17)}${month.padStart(24)}`.trimEnd();
  };
  const amounts = (row: typeof total): string[] => [
    count(row.spans),
    count(row.bytes),
    `${currency} ${row.cost.toFixed(small)}`,
    `${currency} ${row.cost_of_a_month_at_this_rate.toFixed(large)}`,
  ];
  const confirmed = model.confirmed ? '' : ' (not confirmed)';
  return [
    line(['team', 'service', 'spans', 'bytes', 'cost', 'a month at this rate *']),
    ...rows.map((row) => line([row.team || 'unowned', row.service, ...amounts(row)])),
    line(['', 'all', ...amounts(total)]),
    '',
    ...wrap(`* Extrapolated, not measured: the traffic of these ${seconds} s for 30 days without a break.`),
    ...wrap(`Prices: ${model.name}, as of ${model.as_of}${confirmed}.`),
  ];
}

/** Per team what its report says: the waste of attributes that are stored twice, and what suggested policies save. */
function savings({ team_savings: teams }: DemoResult): string[] {
  const line = (team: string, cells: readonly string[]): string =>
    `  ${team.padEnd(12)}${cells.map((cell, i) => cell.padStart([20, 30, 30][i]!)).join('')}`;
  const rows = teams.map((row) => {
    const money = (amount: number): string => `${row.currency} ${amount.toFixed(digitsFor(amount))}`;
    const twice = row.stored_twice === 0 ? 'nothing' : `${count(row.stored_twice)}, ${money(row.stored_twice_cost)}`;
    return [line(row.team, [money(row.cost), twice, money(row.suggestions_save)]), `              ${row.report}`];
  });
  const head = line('team', ['in this hour', 'stored twice', 'suggested policies save']);
  return ['', '  What the report of each team says:', head, ...rows.flat()];
}

/** So many digits that the amount shows three that count. */
function digitsFor(amount: number): number {
  return amount <= 0 ? 2 : Math.min(12, Math.max(2, 2 - Math.floor(Math.log10(amount))));
}

function policies(result: DemoResult, { base }: Access): string[] {
  const shown = worstOfEachKind(result);
  const unanswered = notAnswered(result.leaks).filter(({ place }) => place.found);
  return [
    ...wrap(
      `${result.policies.length} policies answer these findings. None reaches a collector before it is approved:`,
    ),
    `  ${base}/ui/policies`,
    '',
    ...result.policies.map((policy) => policyLine(policy, result)),
    ...unanswered.map(({ leak, place }) => `  no policy yet: ${missedPlace(leak, place)}`),
    ...shown.flatMap((policy) => ['', `  ${policy.title}:`, '', ...indented(policy.preview)]),
  ];
}

function policyLine(policy: Policy, result: DemoResult): string {
  const state = policy.state === 'suggested' ? '' : ` (${policy.state})`;
  return `  ${worst(policy, result).padEnd(10)}${cut(policy.title, WIDTH - 28)}${state}`;
}

function worst(policy: Policy, { findings: found }: DemoResult): string {
  return found.find((finding) => policy.findings.includes(finding.id))?.severity.toUpperCase() ?? '';
}

/** The first policies that differ in what they act on: three times the same card number would teach nothing. */
function worstOfEachKind({ policies: suggested, findings: found }: DemoResult): Policy[] {
  const seen = new Set<string>();
  const first = suggested.filter((policy) => {
    const detector = found.find((finding) => policy.findings.includes(finding.id))?.detector.id ?? '';
    return seen.size < seen.add(detector).size;
  });
  return first.slice(0, SHOWN_POLICIES);
}

function indented(yaml: string): string[] {
  return yaml
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`);
}

function count(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Breaks a sentence into lines of at most 100 columns. */
function wrap(text: string, indent = 2): string[] {
  const lines: string[] = [];
  const margin = ' '.repeat(indent - 1);
  let line = margin;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = margin;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
