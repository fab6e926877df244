import { type Command, InvalidArgumentError, Option } from 'commander';
import { POLICY_TARGETS } from '../../engine/policy/targets/index.js';
import { EXIT, type ScanSurroundings } from '../scan/scan.js';
import { FAIL_ON, type FailOn } from '../scan/selection.js';
import { LOOKED_FOR } from '../scan/trace-paths.js';
import { SIMULATION_FORMATS, type SimulationFormatName } from './formats/index.js';
import { SIMULATE_HELP } from './help.js';
import type { PolicySource } from './policy-source.js';

interface SourceFlags {
  readonly policy: string[];
  readonly fromServer?: string;
  readonly token?: string;
  readonly policySet: string;
}

interface SimulateFlags extends SourceFlags {
  readonly format: SimulationFormatName;
  readonly output?: string;
  readonly failOn: FailOn;
  readonly price?: string;
  readonly samplingRatio?: number;
}

interface CollectorFlags {
  readonly collectorVersion?: string;
}
interface RenderFlags extends SourceFlags, CollectorFlags {
  readonly target: keyof typeof POLICY_TARGETS;
  readonly revision?: string;
}

const COLLECTOR_VERSION = new Option(
  '--collector-version <version>',
  'for collectors of this version (contrib), such as 0.140.0; without it for the newest',
);

/** Adds `policy simulate`, `policy check` and `policy render` to the command line. */
export function addPolicyCommands(
  program: Command,
  address: (text: string) => string,
  surroundings: ScanSurroundings,
): void {
  const policy = program.command('policy').description('simulate, check and render policies, without a server');
  const files = 'files in OTLP JSON, JSON lines or protobuf, each also gzipped';
  const simulate = policy
    .command('simulate')
    .description('say what policies would do to the spans of trace files')
    .argument('<path...>', `${files}; folders, in which ${LOOKED_FOR} are read; - for standard input`);
  withSource(simulate, address)
    .optionsGroup('Output:')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(Object.keys(SIMULATION_FORMATS)).default('table'),
    )
    .option('--output <file>', 'write the output to a file, at once when it is complete')
    .addOption(
      new Option('--fail-on <severity>', 'end with 1 when findings of this severity or above would remain')
        .choices(FAIL_ON)
        .default('none'),
    )
    .optionsGroup('Money:')
    .option('--price <model>', 'say what is saved by this price model')
    .option('--sampling-ratio <share>', 'share of all traces that the files hold, above 0 and up to 1', ratio)
    .addHelpText('after', SIMULATE_HELP)
    .action(async (paths: string[], flags: SimulateFlags, command: Command) => {
      const { format, output = null, failOn, price = null, samplingRatio = null } = flags;
      const { runSimulate } = await import('./simulate.js');
      const options = { paths, format, output, failOn, price, samplingRatio, policies: sourceOf(flags, command) };
      process.exitCode = await runSimulate(options, surroundings);
    });
  withSource(policy.command('check').description('say which policies get in the way of each other'), address)
    .addOption(COLLECTOR_VERSION)
    .addHelpText('after', '\nExit code 0 when all is in order, 1 when not, 2 when a policy is wrong.')
    .action(async (flags: SourceFlags & CollectorFlags, command: Command) => {
      const { runPolicyCheck } = await import('./check.js');
      const collector = { version: flags.collectorVersion };
      process.exitCode = await runPolicyCheck(sourceOf(flags, command), surroundings, collector);
    });
  withSource(policy.command('render').description('write policies as configuration of a product'), address)
    .addOption(
      new Option('--target <target>', 'the product').choices(Object.keys(POLICY_TARGETS)).default('otel-collector'),
    )
    .addOption(COLLECTOR_VERSION)
    .option('--revision <text>', 'mark every resource that went through the policies with it, as proof')
    .addHelpText('after', '\nExit code 1 when the product cannot carry out a policy, which is told.')
    .action(async (flags: RenderFlags, command: Command) => {
      const { runPolicyRender } = await import('./check.js');
      const collector = { version: flags.collectorVersion, revision: flags.revision };
      process.exitCode = await runPolicyRender(sourceOf(flags, command), flags.target, surroundings, collector);
    });
}

function withSource(command: Command, address: (text: string) => string): Command {
  return command
    .optionsGroup('Policies:')
    .addOption(
      new Option('--policy <file>', 'policies in YAML or JSON; may be given more than once')
        .argParser((file: string, before: readonly string[]) => [...before, file])
        .default([], 'none'),
    )
    .addOption(
      new Option('--from-server <url>', 'the policies of a server instead').argParser(address).conflicts('policy'),
    )
    .addOption(new Option('--token <token>', 'of an administrator').env('SPANWARDEN_ADMIN_TOKEN'))
    .option('--policy-set <name>', 'which policies of the server', 'default');
}

function sourceOf({ policy, fromServer, token = '', policySet }: SourceFlags, command: Command): PolicySource {
  if (fromServer !== undefined) return { url: fromServer, token: token === '' ? null : token, policySet };
  if (policy.length > 0) return { files: policy };
  return command.error('error: --policy or --from-server is missing', { exitCode: EXIT.usage });
}

function ratio(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('a number above 0 and up to 1.');
}
