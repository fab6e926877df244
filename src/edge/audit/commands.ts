import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Config } from '../../config.js';
import { EXIT } from '../scan/scan.js';
import type { AuditCheckpoint, AuditVerification } from '../serve/contract.js';
import { asCommand, ServerApi, type ServerFlags, withServer } from '../server-api.js';
import { breakText } from './break-text.js';
import { readCheckpoints } from './checkpoint.js';

interface Surroundings {
  readonly config: () => Config;
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
}

interface VerifyFlags extends ServerFlags {
  readonly checkpoint?: string;
  readonly file?: string;
  readonly keyFile?: string;
  readonly tenant: string;
}

const VERIFY_HELP = `
Without --file the server verifies its log. --checkpoint names a file with checkpoints
that were kept elsewhere, such as the log of the service; the latest shows whether the
end of the audit log was cut off or replaced.

Exit codes:
  0    intact
  1    broken; the first event that is not in order is named
  2    the command line or the key is wrong
  3    the token is not enough
  4    the server does not answer
  5    a file cannot be read

Examples:
  spanwarden audit verify --checkpoint /var/log/spanwarden.log
  spanwarden audit export > audit.jsonl
  spanwarden audit key > audit.key
  spanwarden audit verify --file audit.jsonl --key-file audit.key`;

/** Adds `audit verify`, `audit checkpoint`, `audit export` and `audit key` to the command line. */
export function addAuditCommands(program: Command, address: (text: string) => string, around: Surroundings): void {
  const audit = program.command('audit').description('verify and export the audit log');
  const run = async (act: () => Promise<number>): Promise<void> => {
    process.exitCode = await asCommand(act, around.warn);
  };
  const api = (flags: ServerFlags): ServerApi => ServerApi.of(flags, around.config().home);
  withServer(
    audit
      .command('verify')
      .description('say whether anything was changed in the audit log, or removed from it')
      .option('--checkpoint <file>', 'lines with checkpoints that were kept elsewhere')
      .option('--file <file>', 'verify an export in JSON lines, without a server')
      .option('--key-file <file>', 'what spanwarden audit key wrote; otherwise the master key of SPANWARDEN_HOME')
      .option('--tenant <id>', 'whose log the file is of', 'default'),
    address,
  )
    .addHelpText('after', VERIFY_HELP)
    .action((flags: VerifyFlags) =>
      run(() => (flags.file === undefined ? verifyServer(api(flags), flags, around) : verifyExport(flags, around))),
    );
  withServer(
    audit.command('checkpoint').description('write the last event, signed, to be kept elsewhere'),
    address,
  ).action((flags: ServerFlags) =>
    run(async () => {
      const { verified_at, ...point } = await api(flags).ask<AuditCheckpoint>('GET', 'audit/checkpoint');
      void verified_at;
      around.write(`${JSON.stringify(point)}\n`);
      return EXIT.clean;
    }),
  );
  withServer(audit.command('export').description('write the whole log as JSON lines, oldest first'), address).action(
    (flags: ServerFlags) =>
      run(async () => {
        const { body } = await api(flags).open('GET', 'audit.jsonl');
        const decoder = new TextDecoder();
        for await (const chunk of Readable.fromWeb(body as never))
          around.write(decoder.decode(chunk as Buffer, { stream: true }));
        return EXIT.clean;
      }),
  );
  audit
    .command('key')
    .description('write the key that verifies an export; whoever has it could write events, too')
    .option('--tenant <id>', 'of whose log', 'default')
    .action(({ tenant }: { tenant: string }) =>
      run(async () => {
        const { chainKey } = await import('./file-verifier.js');
        const key = chainKey(undefined, around.config(), tenant);
        if ('problem' in key) return refuse(EXIT.usage, key.problem, around);
        around.write(`${Buffer.from(key).toString('base64')}\n`);
        return EXIT.clean;
      }),
    );
}

async function verifyServer(
  api: ServerApi,
  { checkpoint }: VerifyFlags,
  { write, warn }: Surroundings,
): Promise<number> {
  const points = checkpoint === undefined ? [] : checkpointsIn(checkpoint, warn);
  if (points === null) return EXIT.unreadable;
  const last = points.reduce<(typeof points)[number] | null>((a, b) => (a !== null && a.seq > b.seq ? a : b), null);
  const query = last === null ? '' : `?${new URLSearchParams({ seq: String(last.seq), hash: last.hash })}`;
  const result = await api.ask<AuditVerification>('GET', `audit/verify${query}`);
  write(`${sentence(result.events, result.checkpoints, result.break)}\n`);
  return result.intact ? EXIT.clean : EXIT.findings;
}

async function verifyExport(flags: VerifyFlags, around: Surroundings): Promise<number> {
  const points = flags.checkpoint === undefined ? [] : checkpointsIn(flags.checkpoint, around.warn);
  if (points === null) return EXIT.unreadable;
  const { chainKey, verifyFile } = await import('./file-verifier.js');
  const key = chainKey(flags.keyFile, around.config(), flags.tenant);
  if ('problem' in key) return refuse(EXIT.usage, key.problem, around);
  const marks = points.filter(({ tenant }) => tenant === flags.tenant).map(({ seq, hash }) => [seq, hash] as const);
  const result = await verifyFile(flags.file!, flags.tenant, key, marks);
  if ('problem' in result) return refuse(EXIT.unreadable, result.problem, around);
  const begin = result.from !== null && result.from > 1 ? `from event ${result.from} on: ` : '';
  around.write(
    `${begin}${sentence(result.events, result.checkpoints, result.break === null ? null : { what: breakText(result.break) })}\n`,
  );
  return result.break === null ? EXIT.clean : EXIT.findings;
}

function sentence(events: number, checkpoints: number, broken: { readonly what: string } | null): string {
  if (broken !== null) return `broken: ${broken.what}; ${events} events before it are in order`;
  const compared = checkpoints === 0 ? 'no checkpoint to compare with' : `${checkpoints} checkpoints agree`;
  return `intact: ${events} events, ${compared}`;
}

/** Null where the file cannot be read, or has none. */
function checkpointsIn(file: string, warn: (line: string) => void): ReturnType<typeof readCheckpoints> | null {
  try {
    const points = readCheckpoints(readFileSync(file, 'utf8'));
    if (points.length > 0) return points;
    warn(`spanwarden: ${file}: no checkpoint in it`);
  } catch (error) {
    warn(`spanwarden: ${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  return null;
}

function refuse(exit: number, why: string, { warn }: Surroundings): number {
  warn(`spanwarden: ${why}`);
  return exit;
}
