import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { encodeRequest } from '../support/otlp.js';
import { newHome, ROOT, startService } from '../support/service.js';

/** What a finding is, without what differs between a service and a file by nature: ids, times, adjusted severity. */
interface Row {
  readonly detector: string | { readonly id: string };
  readonly service: string;
  readonly location: string;
  readonly key: string;
  readonly component: string;
  readonly mask: string;
  readonly confidence: string;
  readonly occurrences: number;
}

function rowsOf(findings: readonly Row[]): string[] {
  return findings
    .map(({ detector, service, location, key, component, mask, confidence, occurrences }) =>
      JSON.stringify([
        typeof detector === 'string' ? detector : detector.id,
        ...[service, location, key, component, mask, confidence, occurrences],
      ]),
    )
    .sort();
}

test('the command line and the service find the same in the examples of all detectors', async () => {
  const { detectors } = loadRules(RULES_DIR, patternCompiler().compiler).rules;
  const now = Date.now();
  const spans = detectors.flatMap((detector) =>
    [...detector.examples, ...detector.nonExamples].map(({ key, value, siblings }) => ({
      name: 'example',
      start: now,
      attributes: { ...siblings, [key]: value },
    })),
  );
  const request = encodeRequest([{ resource: { 'service.name': 'examples' }, spans }]);
  const folder = newHome();
  const service = await startService();
  try {
    expect((await service.send(request)).status).toBe(200);
    const served: Row[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await service.api<{ data: Row[]; next_cursor: string | null }>(
        `/api/v1/findings?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      served.push(...body.data);
      if (body.next_cursor === null) break;
      cursor = body.next_cursor;
    }
    const file = join(folder, 'examples.pb');
    writeFileSync(file, request);
    const command = [join(ROOT, 'scripts', 'spanwarden.mjs'), 'scan', '--format', 'json', file];
    const { stdout, status } = spawnSync(process.execPath, command, { encoding: 'utf8', maxBuffer: 1 << 28 });
    expect(status).toBe(1);
    const scanned = (JSON.parse(stdout) as { findings: Row[] }).findings;
    expect(new Set(scanned.map(({ detector }) => detector)).size).toBeGreaterThan(900);
    expect(rowsOf(served)).toEqual(rowsOf(scanned));
  } finally {
    await service.stop({ remove: true });
    rmSync(folder, { recursive: true, force: true });
  }
});
