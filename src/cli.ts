import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readConfig } from './config.js';
import { SCAN_FORMATS, type ScanFormatName } from './edge/scan/formats/index.js';
import { EXIT, runScan } from './edge/scan/scan.js';
import { formatProblem } from './engine/problem.js';

/*
 * The command line. Output that may be piped goes to standard output, everything else to standard error. What only one
 * command needs is loaded by it, so that a scan begins at once.
 */

const VERSION = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }
).version;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}.`);
  };
}

const program = new Command('spanwarden')
  .description('Finds secrets, personal data, bad names and cost in trace data.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(run it with --help for what is allowed)');

program
  .command('scan')
  .description('scan trace files for secrets, personal data and bad names, without a server')
  .argument('<file...>', 'OTLP JSON, JSON lines or protobuf, each also gzipped; - for standard input')
  .addOption(new Option('--format <format>', 'form of the output').choices(Object.keys(SCAN_FORMATS)).default('table'))
  .addHelpText(
    'after',
    `
The output never holds a value that was found, only its mask.

Exit codes:
  0    nothing was found
  1    something was found
  2    the command line is wrong
  5    a file could not be read, or not all of it
  128  something unexpected

Examples:
  spanwarden scan traces.json
  spanwarden scan --format jsonl spans.jsonl.gz | jq .detector
  cat request.pb | spanwarden scan -`,
  )
  .action(async (files: string[], { format }: { format: ScanFormatName }) => {
    process.exitCode = await runScan({ files, format, write: (text) => process.stdout.write(text), warn: say });
  });

const rules = program.command('rules').description('work with detector rules');

rules
  .command('check')
  .description('check detector rules: fields, patterns, every example and non-example, masks, cost on hostile values')
  .argument('[dir]', 'folder with a folder detectors; without it the rules that ship')
  .addHelpText('after', '\nExit code 0 when all is in order, 1 when not. docs/rules.md explains the fields.')
  .action(async (dir?: string) => {
    const { runRulesCheck } = await import('./edge/rules/check.js');
    const write = (line: string): void => void process.stdout.write(`${line}\n`);
    process.exitCode = runRulesCheck(dir ?? null, write) ? EXIT.clean : EXIT.findings;
  });

program
  .command('demo')
  .description('start a small shop that leaks on purpose, and show what spanwarden makes of its traces')
  .option('--seconds <n>', 'how long to drive traffic', wholeNumber(5, 3600), 60)
  .option('--keep', 'leave the service that the demo started running until Ctrl-C')
  .option('--json', 'print the result as JSON')
  .action(async ({ seconds, keep = false, json = false }: { seconds: number; keep?: boolean; json?: boolean }) => {
    const { config } = checkedConfig();
    const { runDemo } = await import('./edge/demo/demo.js');
    const write = (line: string): void => void process.stdout.write(`${line}\n`);
    process.exitCode = await runDemo({ seconds, home: config.home, keep, json, say: write });
  });

program
  .command('doctor')
  .description('look at what spanwarden needs on this machine')
  .action(async () => {
    const { config, problems } = readConfig(process.env);
    const { diagnose } = await import('./edge/doctor.js');
    const found = await diagnose(config, problems);
    const signs = { ok: '✓', note: '!', problem: '✗' };
    for (const { what, state, detail } of found) process.stdout.write(`${signs[state]} ${what.padEnd(14)} ${detail}\n`);
    process.exitCode = found.some(({ state }) => state === 'problem') ? EXIT.findings : EXIT.clean;
  });

function checkedConfig(): ReturnType<typeof readConfig> {
  const read = readConfig(process.env);
  if (read.problems.length === 0) return read;
  for (const problem of read.problems) say(formatProblem(problem));
  process.exit(EXIT.usage);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.usage;
  else {
    say(`spanwarden: ${error instanceof Error ? error.message : 'unexpected error'}`);
    process.exitCode = EXIT.unexpected;
  }
}
