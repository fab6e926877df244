import { firstPlace, placeOf, repositoryPath, sentence } from '../describe.js';
import type { ReportedFinding, ScanFormat, ScanReport } from '../report.js';

/**
 * JUnit XML, in the elements that Jenkins and GitLab read: a test case for each file, which fails where it could not be
 * read, and one for each finding, which always fails. A report without findings has test cases, too, since Jenkins takes
 * an empty one for a mistake.
 */
export const junit: ScanFormat = { render };

interface TestCase {
  readonly attributes: Readonly<Record<string, string>>;
  readonly failed: { readonly as: 'failure' | 'error'; readonly message: string; readonly details: string } | null;
}

function render({ files, findings }: ScanReport): string {
  const suites = [
    suite('spanwarden files', files.map(fileCase)),
    ...(findings.length > 0 ? [suite('spanwarden findings', findings.map(findingCase))] : []),
  ];
  const errors = files.filter(({ problems }) => problems.length > 0).length;
  const totals = counts(files.length + findings.length, findings.length, errors);
  const name = 'spanwarden';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({ name, ...totals })}>\n${suites.join('')}</testsuites>\n`;
}

function fileCase({ file, problems }: ScanReport['files'][number]): TestCase {
  const path = repositoryPath(file);
  return {
    attributes: { classname: 'spanwarden.files', name: path ?? 'standard input', ...(path !== null && { file: path }) },
    failed:
      problems.length === 0 ? null : { as: 'error', message: 'not all could be read', details: problems.join('\n') },
  };
}

function findingCase(finding: ReportedFinding): TestCase {
  const { kind, detector, service, environment, severity, confidence, rule, traceId, spanId, places, id } = finding;
  const path = repositoryPath(firstPlace(finding).file);
  const name = `${service}${environment === '' ? '' : ` (${environment})`}: ${placeOf(finding)}`;
  const details = [
    sentence(finding),
    rule.remedy,
    '',
    `Severity: ${severity}, confidence: ${confidence}`,
    ...places.map(({ file, line }) => `At: ${repositoryPath(file) ?? 'standard input'}:${line}`),
    ...(traceId === '' ? [] : [`Example: trace ${traceId}, span ${spanId}`]),
    `Id: ${id}`,
  ];
  return {
    attributes: { classname: `spanwarden.${kind}.${detector}`, name, ...(path !== null && { file: path }) },
    failed: { as: 'failure', message: sentence(finding), details: details.join('\n') },
  };
}

function suite(name: string, cases: readonly TestCase[]): string {
  const failed = (as: string): number => cases.filter((test) => test.failed?.as === as).length;
  const totals = counts(cases.length, failed('failure'), failed('error'));
  return `  <testsuite${attributes({ name, ...totals, skipped: '0' })}>\n${cases.map(testCase).join('')}  </testsuite>\n`;
}

function testCase({ attributes: given, failed }: TestCase): string {
  const open = `    <testcase${attributes(given)}`;
  if (failed === null) return `${open}/>\n`;
  const { as, message, details } = failed;
  const body = `<${as}${attributes({ message, type: as })}>${escapeXml(details)}</${as}>`;
  return `${open}>\n      ${body}\n    </testcase>\n`;
}

function counts(tests: number, failures: number, errors: number): Record<'tests' | 'failures' | 'errors', string> {
  return { tests: String(tests), failures: String(failures), errors: String(errors) };
}

function attributes(given: Readonly<Record<string, string>>): string {
  return Object.entries(given)
    .map(([name, value]) => ` ${name}="${escapeXml(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** What XML 1.0 has no character for, or discourages (its section 2.2): halves of surrogate pairs are among it. */
const NO_XML = /(?![\t\n])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;

export function escapeXml(text: string): string {
  return text.replace(NO_XML, '\uFFFD').replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}
