/**
 * SipHash-1-3 (J.-P. Aumasson, D. J. Bernstein, 2012) over bytes, cut to the upper 53 bits: an integer that a number
 * holds exactly. Sketches keep these hashes, so without the tenant's key nobody can test them for a known value.
 * 64-bit words are pairs of 32-bit halves; state lives in locals of one
 * function and carries are found without leaving 32-bit integers, which is what makes it fast here.
 */
export class KeyedHash {
  private readonly k0l: number;
  private readonly k0h: number;
  private readonly k1l: number;
  private readonly k1h: number;

  /** @param key 16 bytes */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new Error('keyed hash: the key must have 16 bytes');
    this.k0l = word(key, 0);
    this.k0h = word(key, 4);
    this.k1l = word(key, 8);
    this.k1h = word(key, 12);
  }

  /** Hash of bytes[start, end); the tag keeps equal bytes of different types apart, 0 is plain SipHash. */
  hash(bytes: Uint8Array, start: number, end: number, tag: number): number {
    let v0l = this.k0l ^ 0x70736575;
    let v0h = this.k0h ^ 0x736f6d65;
    let v1l = this.k1l ^ 0x6e646f6d ^ tag;
    let v1h = this.k1h ^ 0x646f7261;
    let v2l = this.k0l ^ 0x6e657261;
    let v2h = this.k0h ^ 0x6c796765;
    let v3l = this.k1l ^ 0x79746573;
    let v3h = this.k1h ^ 0x74656462;
    const length = end - start;
    let at = start;
    // Blocks of 8 bytes, the last one padded and ended by the length; then the finalisation: 3 rounds.
    let blocks = (length >>> 3) + 1;
    let rounds = 1;
    for (;;) {
      let ml = 0;
      let mh = 0;
      if (blocks > 1) {
        ml = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
        mh = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
        at += 8;
      } else if (blocks === 1) {
        for (let i = 0; at < end; i++, at++) {
          if (i < 4) ml |= bytes[at]! << (8 * i);
          else mh |= bytes[at]! << (8 * (i - 4));
        }
        mh |= length << 24;
      } else {
        v2l ^= 0xff;
        rounds = 3;
      }
      v3l ^= ml;
      v3h ^= mh;
      for (let r = 0; r < rounds; r++) {
        // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
        let sum = (v0l + v1l) | 0;
        v0h = (v0h + v1h + (((v0l & v1l) | ((v0l | v1l) & ~sum)) >>> 31)) | 0;
        v0l = sum;
        let t = (v1l << 13) | (v1h >>> 19);
        v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
        v1l = t ^ v0l;
        t = v0l;
        v0l = v0h;
        v0h = t;
        // v2 += v3; v3 = rotl(v3, 16) ^ v2
        sum = (v2l + v3l) | 0;
        v2h = (v2h + v3h + (((v2l & v3l) | ((v2l | v3l) & ~sum)) >>> 31)) | 0;
        v2l = sum;
        t = (v3l << 16) | (v3h >>> 16);
        v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
        v3l = t ^ v2l;
        // v0 += v3; v3 = rotl(v3, 21) ^ v0
        sum = (v0l + v3l) | 0;
        v0h = (v0h + v3h + (((v0l & v3l) | ((v0l | v3l) & ~sum)) >>> 31)) | 0;
        v0l = sum;
        t = (v3l << 21) | (v3h >>> 11);
        v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
        v3l = t ^ v0l;
        // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
        sum = (v2l + v1l) | 0;
        v2h = (v2h + v1h + (((v2l & v1l) | ((v2l | v1l) & ~sum)) >>> 31)) | 0;
        v2l = sum;
        t = (v1l << 17) | (v1h >>> 15);
        v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
        v1l = t ^ v2l;
        t = v2l;
        v2l = v2h;
        v2h = t;
      }
      if (rounds === 3) break;
      v0l ^= ml;
      v0h ^= mh;
      blocks--;
    }
    const low = v0l ^ v1l ^ v2l ^ v3l;
    const high = v0h ^ v1h ^ v2h ^ v3h;
    return (high >>> 11) * 4294967296 + (((high << 21) | (low >>> 11)) >>> 0);
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
