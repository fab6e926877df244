import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../../config.js';
import { Keyring } from '../auth/keyring.js';
import { AuditEvent } from '../serve/contract/audit.js';
import { ChainCheck, type ChainResult, type Mark } from './chain-check.js';

const KEY_BYTES = 32;

/** Why something cannot be read. */
export interface Problem {
  readonly problem: string;
}

/** The key of a chain: from a file that has it in base64, or derived from the master key of an installation. */
export function chainKey(file: string | undefined, config: Config, tenant: string): Uint8Array | Problem {
  if (file !== undefined) return keyIn(file, 'what spanwarden audit key wrote');
  const allowed = 'SPANWARDEN_HOME of the service, SPANWARDEN_MASTER_KEY, or --key-file';
  const master = config.masterKey ?? keyIn(join(config.home, 'master-key'), allowed);
  return 'problem' in master ? master : new Keyring(master).auditChain(tenant);
}

function keyIn(file: string, allowed: string): Uint8Array | Problem {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { problem: `${file}: cannot be read (${code}); ${allowed}` };
  }
  const key = Buffer.from(text, 'base64');
  return key.length === KEY_BYTES ? key : { problem: `${file}: no key; ${KEY_BYTES} bytes in base64: ${allowed}` };
}

/** Verifies an export in JSON lines, which may begin after the first event; or says why it cannot be read. */
export async function verifyFile(
  file: string,
  tenant: string,
  key: Uint8Array,
  marks: readonly Mark[],
): Promise<ChainResult | Problem> {
  let check: ChainCheck | null = null;
  let number = 0;
  const input = createReadStream(file, 'utf8');
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => {});
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (line === '') continue;
      const event = eventIn(line);
      if (event === null) return { problem: `${file}: line ${number}: not an event; a line of /api/v1/audit.jsonl` };
      const { prev_hash: prevHash, ...rest } = event;
      check ??= new ChainCheck(
        key,
        marks.filter(([seq]) => seq >= event.seq),
        event.seq > 1,
      );
      if (!check.add({ ...rest, prevHash, tenant })) break;
    }
    if (input.errored !== null) await failed;
  } catch (error) {
    return { problem: `${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
  return (check ?? new ChainCheck(key, marks)).result();
}

function eventIn(line: string): AuditEvent | null {
  try {
    const result = AuditEvent.safeParse(JSON.parse(line));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
