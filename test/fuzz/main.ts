import { parseArgs } from 'node:util';
import { Fuzzer } from './fuzzer.js';
import { TARGETS } from './targets.js';

/*
 * `npm run fuzz [-- target … --seconds 30 --seed 1]`: fuzzes the decoders, the structure readers, the validators and the
 * rule compiler. What reaches new code is kept in test/fuzz/corpus, which `npm test` runs through again.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const unknown = names.filter((name) => !(name in TARGETS));
if (unknown.length > 0 || !(Number(values.seconds) > 0) || !Number.isInteger(Number(values.seed))) {
  process.stderr.write(
    `fuzz: targets are ${Object.keys(TARGETS).join(', ')}; --seconds above 0, --seed a whole number\n`,
  );
  process.exit(2);
}
for (const name of names) {
  const fuzzer = new Fuzzer(name, TARGETS[name]!, Number(values.seed));
  const failure = await fuzzer.run(1000 * Number(values.seconds));
  process.stdout.write(`${name}: ${fuzzer.runs} runs, ${fuzzer.kept} inputs kept (seed ${values.seed})\n`);
  if (failure === null) continue;
  process.stderr.write(`${name}: ${failure.error.stack}\n  input: ${failure.file}\n`);
  process.exitCode = 1;
}
