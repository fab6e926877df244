import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { type DataSource, Like } from 'typeorm';
import type { Metrics } from '../metrics.js';
import type { PostgresAuditStore } from '../store/audit-store.js';
import { Installation } from '../store/entities/index.js';
import type { AuditLog } from './audit-log.js';
import { type Break, ChainCheck, type ChainResult, type Mark } from './chain-check.js';
import { type CheckpointSigner, isSigned, readCheckpoints, type SignedCheckpoint } from './checkpoint.js';

/** Where checkpoints are kept, outside the database. */
const FILE = 'audit-checkpoints.jsonl';

/** Names of the notes on when chains were verified last, with what came out. */
const NOTE = 'audit-verified/';
const INTACT = 'intact';

type Notes = ReadonlyMap<string, { readonly at: Date; readonly isIntact: boolean }>;

export interface Verification extends ChainResult {
  readonly checkedAt: Date;
}

/** Makes checkpoints and verifies chains. */
export class AuditVerifier {
  private readonly log = new Logger('Audit');
  private readonly file: string;
  private isBroken = false;
  private lastNotes: Notes = new Map();
  private readonly running = new Map<string, Promise<Verification>>();

  constructor(
    home: string,
    private readonly dataSource: DataSource,
    private readonly events: PostgresAuditStore,
    private readonly audit: AuditLog,
    private readonly keyOf: (tenant: string) => Uint8Array,
    private readonly signer: CheckpointSigner,
    metrics: Metrics,
  ) {
    this.file = join(home, FILE);
    const at = async (): Promise<number> => Math.floor(((await this.known()).at?.getTime() ?? 0) / 1000);
    const intact = async (): Promise<number> => ((await this.known()).isIntact ? 1 : 0);
    metrics.gauge(
      'spanwarden_audit_chain_last_verified_timestamp_seconds',
      'When the audit log was verified last, by whichever process; 0 for never',
      at,
    );
    metrics.gauge('spanwarden_audit_chain_intact', '1 where it was intact then, 0 otherwise', intact);
  }

  /** What is the last event now; null where there is none. */
  async checkpoint(tenant: string): Promise<SignedCheckpoint | null> {
    const head = await this.audit.head(tenant);
    return head === null ? null : this.signer.sign({ tenant, ...head, at: new Date().toISOString() });
  }

  /** Tells the last event to the log stream and to a file of the home folder, where there is a new one. */
  async emit(tenant: string): Promise<void> {
    const [known, checkpoint] = await Promise.all([this.kept(tenant), this.checkpoint(tenant)]);
    if (checkpoint === null || known.at(-1)?.seq === checkpoint.seq) return;
    const line = JSON.stringify(checkpoint);
    await appendFile(this.file, `${line}\n`, { mode: 0o600 });
    this.log.log(`checkpoint ${line}`);
  }

  /**
   * Verifies a chain from its first event to its last, against the checkpoints of this process; one that runs already is
   * waited for. Then against others that were kept, which are somebody's word: what they say is told to who asks.
   */
  async verify(tenant: string, marks: readonly Mark[] = []): Promise<Verification> {
    const running = this.running.get(tenant) ?? this.run(tenant).finally(() => this.running.delete(tenant));
    this.running.set(tenant, running);
    const result = await running;
    if (result.break !== null || marks.length === 0) return result;
    const checkpoints = result.checkpoints + marks.length;
    return { ...result, checkpoints, break: await this.compare(tenant, marks, result.head?.seq ?? 0) };
  }

  /** When somebody verified a chain last, in whichever process; null for never. */
  async verifiedAt(tenant: string): Promise<string | null> {
    return (await this.notes()).get(tenant)?.at.toISOString() ?? null;
  }

  private async compare(tenant: string, marks: readonly Mark[], end: number): Promise<Break | null> {
    for (const [seq, hash] of [...marks].sort(([a], [b]) => a - b)) {
      const there = await this.events.hashOf(tenant, seq);
      if (there === null) return { seq: end + 1, kind: 'cut' };
      if (there !== hash) return { seq, kind: 'replaced' };
    }
    return null;
  }

  private async run(tenant: string): Promise<Verification> {
    const kept = (await this.kept(tenant)).map(({ seq, hash }): Mark => [seq, hash]);
    const check = new ChainCheck(this.keyOf(tenant), kept);
    for await (const events of this.events.pages(tenant)) {
      if (!events.every((event) => check.add(event))) break;
    }
    const result = { ...check.result(), checkedAt: new Date() };
    this.isBroken = result.break !== null;
    await this.note(tenant, result);
    if (result.break !== null) {
      const { seq, kind } = result.break;
      this.log.error(`the audit log of ${tenant} is broken from event ${seq} on (${kind})`);
    }
    return result;
  }

  private async note(tenant: string, { checkedAt, break: broken }: Verification): Promise<void> {
    const value = `${checkedAt.toISOString()} ${broken === null ? INTACT : 'broken'}`;
    await this.dataSource.getRepository(Installation).upsert({ name: NOTE + tenant, value }, ['name']);
  }

  /** What is known of all chains: since when, and whether all are in order. While the database is away, what was known. */
  private async known(): Promise<{ readonly at: Date | null; readonly isIntact: boolean }> {
    const notes = await this.notes().catch(() => this.lastNotes);
    this.lastNotes = notes;
    const times = [...notes.values()].map(({ at }) => at.getTime());
    // What this process has seen broken is not mended by a note that says otherwise.
    const isIntact = !this.isBroken && times.length > 0 && [...notes.values()].every((note) => note.isIntact);
    return { at: times.length === 0 ? null : new Date(Math.min(...times)), isIntact };
  }

  private async notes(): Promise<Notes> {
    const rows = await this.dataSource.getRepository(Installation).findBy({ name: Like(`${NOTE}%`) });
    return new Map(
      rows.map(({ name, value }) => {
        const [at = '', state] = value.split(' ');
        return [name.slice(NOTE.length), { at: new Date(at), isIntact: state === INTACT }];
      }),
    );
  }

  /** Checkpoints that this process wrote down; one that is not signed with our key is none of them. */
  private async kept(tenant: string): Promise<SignedCheckpoint[]> {
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const { publicKey } = this.signer;
    return readCheckpoints(text).filter(
      (point) => point.tenant === tenant && point.public_key === publicKey && isSigned(point),
    );
  }
}
