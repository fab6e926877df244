import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readConfig } from './config.js';
import { AGENT_HELP } from './edge/agent/help.js';
import { addAuditCommands } from './edge/audit/commands.js';
import { addTokenCommands } from './edge/auth/commands.js';
import { addCanaryCommand } from './edge/canary/command.js';
import { SCAN_FORMATS, type ScanFormatName } from './edge/scan/formats/index.js';
import { SCAN_HELP } from './edge/scan/help.js';
import { EXIT, runScan } from './edge/scan/scan.js';
import { FAIL_ON, type FailOn } from './edge/scan/selection.js';
import { LOOKED_FOR } from './edge/scan/trace-paths.js';
import { addPolicyCommands } from './edge/simulate/commands.js';
import {
  CONFIDENCES,
  type Confidence,
  FINDING_KINDS,
  type FindingKind,
  SEVERITIES,
  type Severity,
} from './engine/model/finding.js';
import { formatProblem } from './engine/problem.js';

/*
 * The command line. Output that may be piped goes to standard output, everything else to standard error. What only one
 * command needs is loaded by it, so that a scan begins at once.
 */

const VERSION = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }
).version;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Values of an option that may be given more than once. */
function collect(allowed?: readonly string[]): (text: string, before: readonly string[]) => string[] {
  return (text, before) => {
    if (allowed === undefined || allowed.includes(text)) return [...before, text];
    throw new InvalidArgumentError(`Allowed choices are ${allowed.join(', ')}.`);
  };
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}.`);
  };
}

/** A label, added to those before. */
function label(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([^=]{1,256})=(.{0,256})$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('name=value, at most 256 characters each.');
  return { ...before, [name]: value };
}

function collectorId(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/.test(text)) return text;
  throw new InvalidArgumentError('at most 200 letters, digits and ._:-');
}

/** An address of a server, with a slash at its end so that paths go below it. */
function address(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('an http or https address.');
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

const program = new Command('spanwarden')
  .description('Finds secrets, personal data, bad names and cost in trace data.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(run it with --help for what is allowed)');

interface ScanFlags {
  readonly format: ScanFormatName;
  readonly output?: string;
  readonly failOn: FailOn;
  readonly minSeverity: Severity;
  readonly minConfidence: Confidence;
  readonly kind: FindingKind[];
  readonly detector: string[];
  readonly excludeDetector: string[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly rules: string[];
  readonly defaultRules: boolean;
}

program
  .command('scan')
  .description('scan trace files for secrets, personal data and bad names, without a server')
  .argument(
    '<path...>',
    `files in OTLP JSON, JSON lines or protobuf, each also gzipped; folders, in which ${LOOKED_FOR} are scanned; - for standard input`,
  )
  .optionsGroup('Output:')
  .addOption(new Option('--format <format>', 'form of the output').choices(Object.keys(SCAN_FORMATS)).default('table'))
  .option('--output <file>', 'write the output to a file, at once when it is complete, and a summary to standard error')
  .optionsGroup('What is reported:')
  .addOption(
    new Option('--min-severity <severity>', 'leave out what is less severe').choices(SEVERITIES).default('info'),
  )
  .addOption(
    new Option('--min-confidence <confidence>', 'high leaves out what a person has to look at')
      .choices(CONFIDENCES)
      .default('other'),
  )
  .addOption(
    new Option('--kind <kind>', `only this kind: ${FINDING_KINDS.join(', ')}; may be given more than once`)
      .argParser(collect(FINDING_KINDS))
      .default([], 'all'),
  )
  .addOption(
    new Option('--detector <id>', 'only what this detector or naming rule finds; may be given more than once')
      .argParser(collect())
      .default([], 'all'),
  )
  .addOption(
    new Option('--exclude-detector <id>', 'not what this one finds; may be given more than once')
      .argParser(collect())
      .default([], 'none'),
  )
  .optionsGroup('What fails:')
  .addOption(
    new Option('--fail-on <severity>', 'end with 1 only for findings of this severity or above')
      .choices(FAIL_ON)
      .default('any'),
  )
  .option('--baseline <file>', 'known findings, which are not reported and do not fail')
  .option('--write-baseline <file>', 'write what is found to a file of known findings; reasons in it are kept')
  .optionsGroup('Rules:')
  .addOption(
    new Option('--rules <dir>', 'folder of detectors of your own, checked before use; may be given more than once')
      .argParser(collect())
      .default([], 'none'),
  )
  .option('--no-default-rules', 'without the detectors that ship')
  .addHelpText('after', SCAN_HELP)
  .action(async (paths: string[], flags: ScanFlags) => {
    const { format, output = null, failOn, baseline = null, writeBaseline = null, defaultRules } = flags;
    const { minSeverity, minConfidence, kind, detector, excludeDetector } = flags;
    const selection = {
      ...{ minSeverity, minConfidence, kinds: kind },
      ...{ detectors: detector, excludedDetectors: excludeDetector },
    };
    const rules = { dirs: flags.rules, shipped: defaultRules };
    process.exitCode = await runScan(
      { paths, format, output, failOn, selection, baseline, writeBaseline, rules },
      {
        version: VERSION,
        write: (text) => process.stdout.write(text),
        warn: say,
        terminal: process.stderr.isTTY ? process.stderr : null,
      },
    );
  });

addPolicyCommands(program, address, {
  version: VERSION,
  write: (text) => process.stdout.write(text),
  warn: say,
  terminal: null,
});

const serverSurroundings = {
  home: () => checkedConfig().config.home,
  config: () => checkedConfig().config,
  write: (text: string) => process.stdout.write(text),
  warn: say,
};
addTokenCommands(program, address, serverSurroundings);
addAuditCommands(program, address, serverSurroundings);

const rules = program.command('rules').description('work with detector rules');

rules
  .command('check')
  .description('check detector rules: fields, patterns, every example and non-example, masks, cost on hostile values')
  .argument('[dir...]', 'folders, each with a folder detectors; without them the rules that ship')
  .option('--no-default-rules', 'check the folders alone, not beside the rules that ship')
  .addHelpText('after', '\nExit code 0 when all is in order, 1 when not. docs/rules.md explains the fields.')
  .action(async (dirs: string[], { defaultRules }: { defaultRules: boolean }) => {
    const { runRulesCheck } = await import('./edge/rules/check.js');
    const write = (line: string): void => void process.stdout.write(`${line}\n`);
    process.exitCode = runRulesCheck({ dirs, shipped: defaultRules }, write) ? EXIT.clean : EXIT.findings;
  });

interface AgentFlags {
  readonly url: string;
  readonly policySet: string;
  readonly file: string;
  readonly collector: string;
  readonly config: string[];
  readonly pid?: number;
  readonly pidFile?: string;
  readonly processName?: string;
  readonly interval: number;
  readonly settle: number;
  readonly once: boolean;
  readonly id?: string;
  readonly label: Record<string, string>;
}

program
  .command('agent')
  .description("keep a collector's policies up to date from beside it, and never put in place what it cannot take")
  .requiredOption('--url <url>', 'address of spanwarden', address)
  .requiredOption('--file <file>', "the collector's last configuration file, which the agent writes")
  .option('--policy-set <name>', 'which policies', 'default')
  .optionsGroup('Who it is, for the inventory and for policies of some collectors:')
  .addOption(
    new Option('--id <id>', 'name of the collector; by default of the machine, and a part kept in <file>.id').argParser(
      collectorId,
    ),
  )
  .addOption(
    new Option('--label <name=value>', 'a label of the collector; may be given more than once')
      .argParser(label)
      .default({}, 'none'),
  )
  .optionsGroup('Validation:')
  .option('--collector <program>', 'the collector, whose validate is used', 'otelcol-contrib')
  .addOption(
    new Option('--config <uri>', 'another configuration of the collector; may be given more than once')
      .argParser(collect())
      .default([], 'none'),
  )
  .optionsGroup('Which process is told, with SIGHUP:')
  .addOption(
    new Option('--pid <n>', 'its id').argParser(wholeNumber(2, 4_194_304)).conflicts(['pidFile', 'processName']),
  )
  .addOption(new Option('--pid-file <file>', 'the file that holds its id').conflicts('processName'))
  .option('--process-name <name>', 'its name, on Linux')
  .optionsGroup('Times:')
  .option('--interval <seconds>', 'between two questions', wholeNumber(1, 86_400), 30)
  .option('--settle <seconds>', 'how long the collector is watched after it was told', wholeNumber(0, 600), 10)
  .option('--once', 'ask once and end', false)
  .addHelpText('after', AGENT_HELP)
  .action(async ({ url, policySet, pid, pidFile, processName, once, ...flags }: AgentFlags) => {
    const { PolicyAgent, versionOf } = await import('./edge/agent/agent.js');
    const { Reporter, askingAs, defaultId } = await import('./edge/agent/reporter.js');
    const token = process.env.SPANWARDEN_COLLECTOR_TOKEN ?? null;
    const identity = { id: flags.id ?? defaultId(flags.file), labels: flags.label };
    const set = new URL(`api/v1/policy-sets/${encodeURIComponent(policySet)}/collector.yaml`, url).href;
    const named = processName === undefined ? null : { processName };
    const agent = new PolicyAgent(
      {
        ...{ file: flags.file, collector: flags.collector, configs: flags.config },
        url: askingAs(set, identity),
        token,
        reporter: new Reporter(url, token, identity, flags.interval, () => versionOf(flags.collector)),
        process: pid !== undefined ? { pid } : pidFile !== undefined ? { pidFile } : named,
        ...{ intervalSeconds: flags.interval, settleSeconds: flags.settle },
      },
      say,
    );
    const stop = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
    if (!once) return agent.run(stop.signal);
    const round = await agent.round(stop.signal);
    if (round === 'unreachable') process.exitCode = EXIT.unreadable;
    else process.exitCode = round === 'refused' || round === 'rolled-back' ? EXIT.findings : EXIT.clean;
  });

interface DemoFlags {
  readonly seconds: number;
  readonly withCollector?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}
addCanaryCommand(program, address, (text) => process.stdout.write(text), say);

program
  .command('demo')
  .description('start a small shop that leaks on purpose, and show what spanwarden makes of its traces')
  .option('--seconds <n>', 'how long to drive traffic', wholeNumber(5, 3600), 60)
  .option('--with-collector', 'put a collector in between, and take a policy from the leak to its proof')
  .option('--keep', 'leave the service that the demo started running until Ctrl-C')
  .option('--json', 'print the result as JSON')
  .action(async ({ seconds, withCollector = false, keep = false, json = false }: DemoFlags) => {
    const { config } = checkedConfig();
    const { runDemo } = await import('./edge/demo/demo.js');
    const write = (line: string): void => void process.stdout.write(`${line}\n`);
    process.exitCode = await runDemo({ seconds, home: config.home, withCollector, keep, json, say: write });
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

/** Node.js would end with 1, which says that something was found. */
function unexpected(error: unknown): void {
  say(`spanwarden: ${error instanceof Error ? error.message : 'unexpected error'}`);
  process.exitCode = EXIT.unexpected;
}

process.on('uncaughtException', (error) => {
  unexpected(error);
  process.exit();
});
// Whoever reads the output has closed it, as head does: there is nobody to tell.
process.stdout.on('error', () => process.exit(EXIT.unexpected));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.usage;
  else unexpected(error);
}
