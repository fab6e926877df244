import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Metrics } from '../metrics.js';
import type { PostgresAuditStore } from '../store/audit-store.js';
import { Installation } from '../store/entities/index.js';
import type { AuditLog } from './audit-log.js';
import { ChainCheck, type ChainResult } from './chain-check.js';
import { type CheckpointSigner, isSigned, readCheckpoints, type SignedCheckpoint } from './checkpoint.js';

/** Where checkpoints are kept, outside the database. */
const FILE = 'audit-checkpoints.jsonl';

export interface Verification extends ChainResult {
  readonly checkedAt: Date;
}

/** Makes checkpoints and verifies chains. */
export class AuditVerifier {
  private readonly log = new Logger('Audit');
  private readonly file: string;
  private readonly last = new Map<string, Verification>();
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
    const name = 'spanwarden_audit_chain_last_verified_timestamp_seconds';
    const least = (of: (verification: Verification) => number): number =>
      this.last.size === 0 ? 0 : Math.min(...[...this.last.values()].map(of));
    metrics.gauge(name, 'When the audit log was verified last, here; 0 for never', () =>
      least(({ checkedAt }) => Math.floor(checkedAt.getTime() / 1000)),
    );
    metrics.gauge(
      'spanwarden_audit_chain_intact',
      '1 where it was intact then, 0 where it was broken or nobody knows',
      () => least((verification) => (verification.break === null ? 1 : 0)),
    );
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
   * Verifies a chain from its first event to its last, against the checkpoints of this process and others that were kept.
   * One that runs already is waited for.
   */
  verify(tenant: string, marks: readonly (readonly [number, string])[] = []): Promise<Verification> {
    const key = JSON.stringify([tenant, marks]);
    const running = this.running.get(key);
    if (running !== undefined) return running;
    const verification = this.run(tenant, marks).finally(() => this.running.delete(key));
    this.running.set(key, verification);
    return verification;
  }

  /** When somebody verified a chain last, in whichever process; null for never. */
  async verifiedAt(tenant: string): Promise<string | null> {
    const row = await this.dataSource.getRepository(Installation).findOneBy({ name: noteName(tenant) });
    return row?.value ?? null;
  }

  private async run(tenant: string, marks: readonly (readonly [number, string])[]): Promise<Verification> {
    const kept = (await this.kept(tenant)).map(({ seq, hash }) => [seq, hash] as const);
    const check = new ChainCheck(this.keyOf(tenant), [...kept, ...marks]);
    for await (const events of this.events.pages(tenant)) {
      if (!events.every((event) => check.add(event))) break;
    }
    const result = { ...check.result(), checkedAt: new Date() };
    this.last.set(tenant, result);
    await this.note(tenant, result);
    if (result.break !== null) {
      const { seq, kind } = result.break;
      this.log.error(`the audit log of ${tenant} is broken from event ${seq} on (${kind})`);
    }
    return result;
  }

  private async note(tenant: string, { checkedAt }: Verification): Promise<void> {
    const row = { name: noteName(tenant), value: checkedAt.toISOString() };
    await this.dataSource.getRepository(Installation).upsert(row, ['name']);
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

function noteName(tenant: string): string {
  return `audit-verified/${tenant}`;
}
