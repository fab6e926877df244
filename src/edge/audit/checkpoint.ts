import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '../../engine/report/canonical.js';

/** Says which event was the last of a chain at a time. Kept elsewhere, it shows that the end of the chain was cut off. */
export interface Checkpoint {
  readonly tenant: string;
  readonly seq: number;
  /** Of the event, 64 hexadecimal digits. */
  readonly hash: string;
  /** UTC, ISO 8601. */
  readonly at: string;
}

/** With an Ed25519 signature (RFC 8032) of the checkpoint as canonical JSON (RFC 8785), and the public key; base64. */
export interface SignedCheckpoint extends Checkpoint {
  readonly public_key: string;
  readonly signature: string;
}

/** What stands before a seed of 32 bytes in PKCS #8, and before a public key in SubjectPublicKeyInfo (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs checkpoints. */
export class CheckpointSigner {
  private readonly key: KeyObject;
  /** 32 bytes, base64. */
  readonly publicKey: string;

  /** @param seed 32 bytes */
  constructor(seed: Uint8Array) {
    this.key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.key).export({ format: 'der', type: 'spki' });
    this.publicKey = spki.subarray(SPKI.length).toString('base64');
  }

  sign(checkpoint: Checkpoint): SignedCheckpoint {
    const signature = sign(null, content(checkpoint), this.key).toString('base64');
    return { ...checkpoint, public_key: this.publicKey, signature };
  }
}

/** Whether a checkpoint was signed with the key of which it names the public one. */
export function isSigned(checkpoint: SignedCheckpoint): boolean {
  try {
    const spki = Buffer.concat([SPKI, Buffer.from(checkpoint.public_key, 'base64')]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return verify(null, content(checkpoint), key, Buffer.from(checkpoint.signature, 'base64'));
  } catch {
    return false;
  }
}

function content({ tenant, seq, hash, at }: Checkpoint): Buffer {
  return Buffer.from(canonicalJson({ tenant, seq, hash, at }));
}

/** Checkpoints in a text, one a line, such as lines of a log; what is none is skipped. */
export function readCheckpoints(text: string): SignedCheckpoint[] {
  return text.split('\n').flatMap((line) => {
    const [json] = /\{"tenant":.*\}/.exec(line.replaceAll('\\"', '"')) ?? [];
    if (json === undefined) return [];
    try {
      const value = JSON.parse(json.slice(0, json.indexOf('}') + 1)) as SignedCheckpoint;
      const isOne =
        Number.isInteger(value.seq) && [value.hash, value.at, value.signature].every((t) => typeof t === 'string');
      return isOne ? [value] : [];
    } catch {
      return [];
    }
  });
}
