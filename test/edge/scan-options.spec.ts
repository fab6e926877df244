import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { SCAN_FORMATS, type ScanFormatName } from '../../src/edge/scan/formats/index.js';
import { encodeRequest, jsonRequest, type TestResource } from '../support/otlp.js';
import { breaches, leaky, mail, plant, planted, token } from '../support/planted.js';
import { optionsOf, type ScanRun, scanHere, spanwarden } from '../support/scan.js';
import { ROOT } from '../support/service.js';

const NAMES = Object.keys(SCAN_FORMATS) as ScanFormatName[];
const RULES = join(ROOT, 'test', 'scan', 'rules');
const GITHUB_TOKEN = 'ghp_q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6j7K8';
const folder = mkdtempSync(join(tmpdir(), 'spanwarden-scan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shop = (attributes: Record<string, string>): TestResource[] => [
  { resource: { 'service.name': 'shop' }, spans: [{ name: 'send', attributes }] },
];
const MAIL = { 'mail.to': 'to erika.m@shop.test' };
const TOKEN = { 'http.request.header.x-auth': GITHUB_TOKEN };
const OLD_NAME = { 'http.method': 'GET' };

let count = 0;
function path(name: string): string {
  return join(folder, `${++count}-${name}`);
}
function file(name: string, content: Uint8Array | string): string {
  const to = path(name);
  writeFileSync(to, content);
  return to;
}
function dir(files: Readonly<Record<string, Uint8Array | string>>): string {
  const to = path('folder');
  mkdirSync(to);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(to, name, '..'), { recursive: true });
    writeFileSync(join(to, name), content);
  }
  return to;
}

const clean = file('clean.json', jsonRequest(shop({})));
const all = file('all.json', jsonRequest(shop({ ...MAIL, ...TOKEN, ...OLD_NAME })));
const broken = file('broken.json', `${jsonRequest(shop(MAIL)).slice(0, -3)}`);

/** As a process of its own, with the exit code that a shell sees. */
const cli = (...args: readonly string[]): ScanRun => spanwarden(['scan', ...args]);
/** The same in this process, which is faster. */
const scan = (...args: readonly string[]): Promise<ScanRun> => scanHere(...optionsOf(args));
interface Document {
  findings: { id: string; detector: string; key: string }[];
  baseline?: { known: number; expired: { id: string }[]; stale: { id: string; detector: string }[] | null };
}
async function found(
  ...args: readonly string[]
): Promise<{ status: number | null; detectors: string[]; document: Document }> {
  const { status, stdout } = await scan(...args, '--format', 'json');
  const document = JSON.parse(stdout) as Document;
  return { status, detectors: document.findings.map(({ detector }) => detector), document };
}

describe('exit codes', () => {
  const CODES: readonly (readonly [number, readonly string[]])[] = [
    [0, [clean]],
    [1, [all]],
    [5, [all, broken]],
    [5, [broken, '--fail-on', 'none']],
    [0, [all, '--fail-on', 'none']],
    [1, [all, '--fail-on', 'critical']],
    [0, [all, '--fail-on', 'high', '--kind', 'pii']],
    [1, [all, '--fail-on', 'medium', '--kind', 'pii']],
    [1, [all, '--kind', 'naming']],
    [0, [all, '--kind', 'naming', '--min-severity', 'medium']],
    [
      0,
      [all, '--kind', 'secret', '--kind', 'pii', '--exclude-detector', 'email', '--exclude-detector', 'github-token'],
    ],
    [1, [all, '--detector', 'deprecated', '--detector', 'invalid_format', '--min-confidence', 'high']],
    [0, [all, '--rules', RULES, '--no-default-rules', '--kind', 'secret']],
    [2, [all, '--fail-on', 'severe']],
    [2, [all, '--min-severity', 'any']],
    [2, [all, '--min-confidence', 'low']],
    [2, [all, '--kind', 'secrets']],
    [2, [all, '--baseline', join(folder, 'none.json')]],
    [2, [all, '--output', join(folder, 'none', 'x')]],
    [2, [all, '--output', all]],
    [2, [all, '--write-baseline', all]],
    [2, [all, '--detector', 'e-mail']],
    [2, [all, '--no-default-rules']],
    [2, ['--format', 'sarif']],
  ];
  test.each(CODES)('%i for %j', (code, args) => {
    expect(cli(...args).status).toBe(code);
  });

  test('a reader that goes away is not taken for a finding', () => {
    const many = file('many.jsonl', `${jsonRequest(shop(MAIL))}\n`.repeat(5000));
    const command = `${process.execPath} ${join(ROOT, 'scripts', 'spanwarden.mjs')} scan --format jsonl ${many}`;
    const script = `${command} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stdout.trim().split('\n').at(-1)).toBe('128');
  });
});

describe('filters', () => {
  test.each([
    [[], ['github-token', 'email', 'deprecated']],
    [
      ['--min-severity', 'medium'],
      ['github-token', 'email'],
    ],
    [['--min-severity', 'critical'], ['github-token']],
    [['--kind', 'pii'], ['email']],
    [
      ['--kind', 'pii', '--kind', 'naming'],
      ['email', 'deprecated'],
    ],
    [
      ['--detector', 'email', '--detector', 'deprecated'],
      ['email', 'deprecated'],
    ],
    [
      ['--exclude-detector', 'email'],
      ['github-token', 'deprecated'],
    ],
    [['--detector', 'email', '--exclude-detector', 'email'], []],
  ])('%j', async (args, detectors) => {
    expect(await found(all, ...args)).toMatchObject({ detectors, status: detectors.length > 0 ? 1 : 0 });
  });

  test('of confidence', async () => {
    const phone = file('phone.json', jsonRequest(shop({ ...MAIL, 'customer.id': 'C10293847' })));
    const rules = ['--no-default-rules', '--rules', RULES];
    expect((await found(phone, ...rules)).detectors).toEqual(['acme-customer']);
    expect(await found(phone, ...rules, '--min-confidence', 'high')).toMatchObject({ detectors: [], status: 0 });
  });

  test('hold for single matches, too', async () => {
    const { stdout } = await scan(all, '--format', 'jsonl', '--exclude-detector', 'github-token');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stdout).toContain('"detector":"email"');
  });

  test('an id that there is not is told, with its option', async () => {
    const { stderr } = await scan(all, '--detector', 'emial', '--exclude-detector', 'x1');
    expect(stderr).toMatch(/--detector: there is no detector emial;.*\n--exclude-detector: there is no detector x1;/);
  });

  test('findings of names have no lines in jsonl, which is said', async () => {
    const names = file('names.json', jsonRequest(shop(OLD_NAME)));
    const { status, stdout, stderr } = await scan(names, '--format', 'jsonl');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^1 finding of names/);
  });
});

describe('--output', () => {
  test.each(NAMES)('writes the same %s as standard output, and a summary', async (format) => {
    const to = path('output');
    const { status, stdout, stderr } = await scan(all, '--format', format, '--output', to);
    expect([status, stdout]).toEqual([1, '']);
    expect(readFileSync(to, 'utf8')).toBe((await scan(all, '--format', format)).stdout);
    expect(stderr).toMatch(/3 findings · 1 span in 1 file, \d+ detectors\n$/);
  });

  test('leaves the old file when it cannot finish, and nothing beside it', async () => {
    const target = dir({ 'report.json': 'old' });
    const to = join(target, 'report.json');
    expect((await scan(all, '--detector', 'none', '--output', to)).status).toBe(2);
    expect(readFileSync(to, 'utf8')).toBe('old');
    expect((await scan(all, '--output', to)).status).toBe(1);
    expect(readFileSync(to, 'utf8')).toMatch(/^SEVERITY/);
    expect(readdirSync(target)).toEqual(['report.json']);
  });

  test('is written for what was read where not all could be', async () => {
    const to = path('output.json');
    expect((await scan(all, broken, '--format', 'json', '--output', to)).status).toBe(5);
    expect((JSON.parse(readFileSync(to, 'utf8')) as Document).findings).toHaveLength(3);
  });

  test('follows a link, and writes to what is no file as it is', async () => {
    const real = file('real.txt', '');
    const link = path('link.txt');
    symlinkSync(real, link);
    expect((await scan(all, '--output', link)).status).toBe(1);
    expect(readFileSync(real, 'utf8')).toMatch(/^SEVERITY/);
    const command = `${process.execPath} ${join(ROOT, 'scripts', 'spanwarden.mjs')} scan ${all} --output /dev/stdout`;
    expect(spawnSync('bash', ['-c', `${command} | cat`], { encoding: 'utf8' }).stdout).toMatch(/^SEVERITY/);
  });
});

describe('folders', () => {
  test('are scanned for trace files, in the order of their names', async () => {
    const request = encodeRequest(shop(MAIL));
    const traces = dir({
      'b.json': jsonRequest(shop(MAIL)),
      'a/deep/c.jsonl': jsonRequest(shop(MAIL)),
      'd.pb': request,
      'e.bin': request,
      'f.pb.gz': gzipSync(request),
      'g.JSON.GZ': gzipSync(jsonRequest(shop(MAIL))),
      'notes.txt': 'no trace',
      'node_modules/x/package.json': '[]',
      '.git/x.json': '[]',
    });
    symlinkSync(traces, join(traces, 'a', 'loop'));
    const { status, stdout } = await scan(traces, join(traces, 'b.json'), '--format', 'jsonl');
    const files = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { file: string }).file.slice(traces.length + 1));
    expect([status, files]).toEqual([1, ['a/deep/c.jsonl', 'b.json', 'd.pb', 'e.bin', 'f.pb.gz', 'g.JSON.GZ']]);
  });

  test('without trace files are a mistake, and it is said what was looked for', async () => {
    const empty = [dir({ 'notes.txt': '' }), dir({})];
    const { status, stderr } = await scan(clean, ...empty);
    expect(status).toBe(2);
    for (const one of empty) expect(stderr).toContain(`${one}: no trace files in this folder; *.json, *.jsonl, *.pb`);
  });

  test('a broken file or link in one is never clean', async () => {
    const traces = dir({ 'a.json': jsonRequest(shop({})) });
    expect((await scan(traces)).status).toBe(0);
    symlinkSync(join(folder, 'nowhere'), join(traces, 'b.json'));
    expect(await scan(traces)).toMatchObject({ status: 5, stderr: expect.stringContaining('b.json: not found') });
  });

  test('the own output and baseline in one are not scanned', async () => {
    const traces = dir({ 'a.jsonl': jsonRequest(shop(MAIL)) });
    const args = [traces, '--output', join(traces, 'out.json'), '--write-baseline', join(traces, 'base.json')];
    expect((await scan(...args, '--format', 'gitlab')).status).toBe(0);
    // A report of GitLab is an array, so as a trace file it could not be read.
    expect((await scan(...args, '--format', 'gitlab')).status).toBe(0);
  });

  test('a file without spans is told', async () => {
    expect(await scan(file('package.json', '{"name":"x"}'))).toMatchObject({
      ...{ status: 0, stderr: expect.stringMatching(/^no spans in .*package\.json\n$/) },
    });
  });
});

describe('--baseline', () => {
  interface Entry {
    id: string;
    key: string;
    reason?: string;
    expires?: string;
  }
  const read = (baseline: string): { version: number; findings: Entry[] } =>
    JSON.parse(readFileSync(baseline, 'utf8')) as { version: number; findings: Entry[] };
  const writtenFor = async (from: string): Promise<string> => {
    const baseline = path('base.json');
    await scan(from, '--write-baseline', baseline);
    return baseline;
  };
  const edit = (baseline: string, change: (entry: Entry) => Entry): string =>
    file('base.json', JSON.stringify({ version: 1, findings: read(baseline).findings.map(change) }));

  test('holds what was written, and only that', async () => {
    const baseline = path('base.json');
    const written = await scan(all, '--write-baseline', baseline);
    expect(written).toMatchObject({ status: 0, stderr: expect.stringContaining(`${baseline}: written`) });
    expect(written.stdout).toMatch(/^0 findings .* 3 in the baseline\n$/);
    const document = read(baseline);
    expect(document.version).toBe(1);
    expect(document.findings[0]).toEqual({
      ...{ id: expect.stringMatching(/^[0-9a-f]{32}$/), detector: 'deprecated', service: 'shop' },
      ...{ location: 'span', key: 'http.method', component: '' },
    });
    for (const format of NAMES) expect((await scan(all, '--baseline', baseline, '--format', format)).status).toBe(0);
    expect((await scan(all, '--baseline', baseline, '--format', 'jsonl')).stdout).toBe('');

    const more = file('more.json', jsonRequest(shop({ ...MAIL, ...TOKEN, 'mail.from': 'm.muster@shop.test' })));
    const { status, document: report } = await found(more, '--baseline', baseline);
    expect([status, report.findings.map(({ key }) => key)]).toEqual([1, ['mail.from']]);
    expect(report.baseline).toMatchObject({ known: 2, expired: [], stale: [{ detector: 'deprecated' }] });
    const { stdout, stderr } = await scan(more, '--baseline', baseline);
    expect(stdout).toContain('2 in the baseline');
    expect(stderr).toMatch(
      /^stale in the baseline, not found: deprecated in span http\.method of service shop \(\w+\)\n$/,
    );
  });

  test('is the same text whatever the order, the values and the time', async () => {
    const [a, b] = [path('a.json'), path('b.json')];
    const turned = jsonRequest(
      shop({
        ...OLD_NAME,
        'http.request.header.x-auth': GITHUB_TOKEN.replace('q1W2', 'Zz9Y'),
        'mail.to': 'x.y@z.test',
      }),
    );
    await scan(all, '--write-baseline', a);
    await scan(file('turned.jsonl', `${jsonRequest(shop({}))}\n${turned}\n`), '--write-baseline', b);
    expect(readFileSync(b, 'utf8')).toBe(readFileSync(a, 'utf8'));
    expect(readFileSync(a, 'utf8')).toMatch(/^\{\n {2}"version": 1,\n {2}"findings": \[\n {4}\{\n {6}"id": "\w+",\n/);
  });

  test('entries expire at the end of a day', async () => {
    const baseline = path('base.json');
    await scan(all, '--write-baseline', baseline);
    const today = new Date().toISOString().slice(0, 10);
    const dated = edit(baseline, (entry) => ({
      ...{ ...entry, reason: 'until the new gateway' },
      expires: entry.key === 'mail.to' ? '2001-02-03' : entry.key === 'http.method' ? '2999-12-31' : today,
    }));
    const { status, detectors, document } = await found(all, '--baseline', dated);
    expect([status, detectors]).toEqual([1, ['email']]);
    expect(document.baseline!.expired).toMatchObject([{ detector: 'email', expires: '2001-02-03' }]);
    expect((await scan(all, '--baseline', dated)).stderr).toMatch(
      /^expired in the baseline: email .* until 2001-02-03 \(\w+\)$/m,
    );

    // Written anew, the reasons stay, and what has expired is still reported until somebody says otherwise.
    const renewed = path('renewed.json');
    expect((await scan(all, '--baseline', dated, '--write-baseline', renewed)).status).toBe(1);
    expect(read(renewed).findings).toEqual(read(dated).findings);
  });

  test('written again keeps reasons, adds what is new and drops what is gone', async () => {
    const baseline = path('base.json');
    await scan(file('mail.json', jsonRequest(shop(MAIL))), '--write-baseline', baseline);
    writeFileSync(
      baseline,
      JSON.stringify({ version: 1, findings: [{ ...read(baseline).findings[0], reason: 'a test' }] }),
    );
    await scan(all, '--write-baseline', baseline);
    expect(read(baseline).findings.map(({ key, reason }) => [key, reason])).toEqual([
      ['http.method', undefined],
      ['mail.to', 'a test'],
      ['http.request.header.x-auth', undefined],
    ]);
    await scan(file('token.json', jsonRequest(shop(TOKEN))), '--write-baseline', baseline);
    expect(read(baseline).findings.map(({ key }) => key)).toEqual(['http.request.header.x-auth']);
  });

  test('with filters, adds only what is reported and keeps what was there', async () => {
    const baseline = path('base.json');
    await scan(file('mail.json', jsonRequest(shop(MAIL))), '--write-baseline', baseline);
    await scan(all, '--kind', 'secret', '--write-baseline', baseline);
    expect(read(baseline).findings.map(({ key }) => key)).toEqual(['mail.to', 'http.request.header.x-auth']);
  });

  test('is not written when not everything could be read', async () => {
    const baseline = path('base.json');
    const { status, stderr } = await scan(all, broken, '--write-baseline', baseline);
    expect([status, existsSync(baseline)]).toEqual([5, false]);
    expect(stderr).toContain(`${baseline}: not written`);
    expect((await found(all, broken, '--baseline', await writtenFor(all))).document.baseline!.stale).toBeNull();
  });
  test('all mistakes in one are told at once', async () => {
    const good = read(await writtenFor(all)).findings;
    const bad = [
      { ...good[0], key: 'another' },
      { ...good[1], expires: '2026-02-30' },
      { ...good[2], note: 'x', location: 'spam', reason: 5 },
      7,
    ];
    const baseline = file('bad.json', JSON.stringify({ version: 2, findings: bad, more: 1 }));
    const { status, stderr } = await scan(all, '--baseline', baseline, '--exclude-detector', 'nothing');
    expect(status).toBe(2);
    for (const place of [
      ...[
        'more: unknown field',
        'version: not known',
        'findings[0]: id: not the id',
        'findings[1]: expires: not a day',
      ],
      ...['findings[2]: note: unknown', 'findings[2]: location', 'findings[2]: reason', 'findings[3]: wrong type'],
    ]) {
      expect(stderr).toContain(`${baseline}: ${place}`);
    }
    expect(stderr).toContain('--exclude-detector');
    const cut = file('base.json', '{"version": 1, "findings": [');
    expect((await scan(all, '--baseline', cut)).stderr).toBe(
      `${cut}: not valid JSON; a file that --write-baseline wrote\n`,
    );
    expect((await scan(all, '--write-baseline', cut)).status).toBe(2);
    expect(readFileSync(cut, 'utf8')).toBe('{"version": 1, "findings": [');
  });
});

describe('--rules', () => {
  const acme = readFileSync(join(RULES, 'detectors', 'acme.yaml'), 'utf8');
  const both = file('both.json', jsonRequest(shop({ ...MAIL, 'customer.id': 'C10293847' })));

  test('add to those that ship, or stand alone', async () => {
    expect((await found(both)).detectors).toEqual(['email']);
    expect((await found(both, '--rules', RULES)).detectors.sort()).toEqual(['acme-customer', 'email']);
    expect((await found(both, '--rules', RULES, '--no-default-rules')).detectors).toEqual(['acme-customer']);
    expect((await found(both, '--rules', RULES, '--detector', 'acme-customer')).detectors).toEqual(['acme-customer']);
  });

  test('of several folders run together, and one folder may be named twice', async () => {
    const second = dir({
      'detectors/second.yml': acme
        .replaceAll('acme-', 'second-')
        .replaceAll('acme_live', 'second_live')
        .replaceAll(/C(?=[[\dC])/g, 'K'),
    });
    const given = ['--rules', RULES, '--rules', `${RULES}/`, '--rules', second, '--no-default-rules'];
    expect((await scan(both, ...given)).stdout).toMatch(/ 4 detectors\n$/);
  });

  test('with an id that is there already name both files', async () => {
    const mine = dir({ 'detectors/mine.yaml': acme.replace('id: acme-token', 'id: email') });
    const { status, stderr } = await scan(both, '--rules', mine);
    expect(status).toBe(2);
    expect(stderr).toContain(`${mine}/detectors/mine.yaml: email: id: used by detectors/pii/contact.yaml already`);
  });

  test('are checked before use, and all that is wrong is told', async () => {
    const wrong = dir({
      'detectors/a.yaml': acme.replace('acme_live_short', 'acme_live_T4xWq8ZrLmN2vKjY6cBdF1hGsP9oUeR3'),
      'detectors/b.yaml': 'family: [',
      'detectors/c.yaml': 'detectors: []',
    });
    const shape = await scan(both, '--rules', wrong, '--rules', folder);
    expect([shape.status, shape.stdout]).toEqual([2, '']);
    for (const place of ['detectors/b.yaml:1: not valid YAML', 'detectors/c.yaml: not a rule file']) {
      expect(shape.stderr).toContain(`${wrong}/${place}`);
    }
    expect(shape.stderr).toContain(`${folder}: no folder detectors in it`);
    const examples = await scan(
      both,
      '--rules',
      dir({ 'detectors/a.yaml': readFileSync(join(wrong, 'detectors', 'a.yaml')) }),
    );
    expect(examples.status).toBe(2);
    expect(examples.stderr).toMatch(/detectors\/a\.yaml: acme-token: non_examples\[0\]: found;/);
  });

  test('are what rules check takes, beside those that ship or alone', async () => {
    expect(spanwarden(['rules', 'check', RULES])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^2 detectors in order/),
    });
    expect(spanwarden(['rules', 'check', RULES, '--no-default-rules']).status).toBe(0);
    const mine = dir({ 'detectors/mine.yaml': acme.replace('id: acme-token', 'id: email') });
    expect(spanwarden(['rules', 'check', mine]).status).toBe(1);
    expect(spanwarden(['rules', 'check', mine, '--no-default-rules']).status).toBe(0);
  });
});

test('no planted secret is in any output, baseline or message', () => {
  const request = [...leaky(mail), ...leaky(token)];
  const good = file('planted.json', jsonRequest(request));
  const bad = dir({
    'cut.json': jsonRequest(leaky(mail)).slice(0, -9),
    'cut.pb': encodeRequest(leaky(token)).subarray(0, -5),
    'type.json': `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":{"x":"${plant(mail)}"}}]}]}]}`,
    'base.json': JSON.stringify({ version: plant(token), findings: [{ id: plant(mail), expires: plant(token) }] }),
  });
  const places: string[] = [];
  const look = (where: string, ...args: readonly string[]): void => {
    const { stdout, stderr } = cli(...args);
    expect(stdout + stderr).not.toBe('');
    places.push(...breaches(`${where}, standard output`, stdout), ...breaches(`${where}, standard error`, stderr));
  };
  for (const format of NAMES) {
    look(`${format} of what is broken`, bad, '--format', format);
    const to = path('output');
    look(`${format} to a file`, good, '--format', format, '--output', to);
    places.push(...breaches(`${format} in a file`, readFileSync(to)));
  }
  const baseline = path('base.json');
  look('writing a baseline', good, '--write-baseline', baseline);
  places.push(...breaches('baseline', readFileSync(baseline)));
  look('stale', clean, '--baseline', baseline);
  look('a wrong baseline', clean, '--baseline', join(bad, 'base.json'));
  expect(readFileSync(baseline, 'utf8').length).toBeGreaterThan(5000);
  expect(planted.length).toBeGreaterThan(100);
  expect(places).toEqual([]);
});
