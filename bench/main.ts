import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchAudit } from './audit.js';
import { benchDetect, benchHarmless } from './detect.js';
import { benchEngine } from './engine.js';
import type { Line } from './measure.js';
import { benchReport } from './report.js';
import { benchRoad } from './road.js';
import { benchServe } from './serve.js';

/*
 * `npm run bench [-- engine|detect|harmless|audit|road|report|serve]`: the figures that spanwarden promises, on a corpus that a seed makes. Machines differ
 * and share, so what compares from run to run are the ratios.
 */
const SECTIONS: Readonly<Record<string, { readonly about: string; readonly run: () => Promise<Line[]> }>> = {
  engine: { about: 'Engine: one thread, all shipped rules, values it has not seen before', run: benchEngine },
  detect: { about: 'Detection: one thread, all shipped rules, every value looked at', run: benchDetect },
  harmless: { about: 'Harmless values that are called a leak, by kind', run: benchHarmless },
  audit: { about: 'Audit: distinct values of attributes, one thread, all shipped rules', run: benchAudit },
  road: { about: 'Road: gzip over HTTP until committed in PostgreSQL, load generator included', run: benchRoad },
  serve: { about: 'Serving: 10,000 collectors that pull every 30 s, 1,000 OpAMP agents', run: benchServe },
  report: { about: 'Costs: 2,000 services, 50,000 attribute rows of an hour each', run: benchReport },
};

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  process.stderr.write(`bench: section: not known; ${Object.keys(SECTIONS).join(', ')}\n`);
  process.exit(2);
}

const processors = cpus();
process.stdout.write(`${processors.length} × ${processors[0]?.model.trim()}, Node.js ${process.version}\n`);
for (const name of positionals.length > 0 ? positionals : Object.keys(SECTIONS)) {
  const { about, run } = SECTIONS[name]!;
  process.stdout.write(`\n${about}\n`);
  for (const [what, value] of await run()) process.stdout.write(`  ${what.padEnd(44)} ${value}\n`);
}
