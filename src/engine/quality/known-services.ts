/** Addresses that are kept; a new one that has no room is not known. */
const MAX_ADDRESSES = 8192;
const AMBIGUOUS = -2;

/**
 * Which service answers where, learned from SERVER spans: they say under which address and port they were called, and a
 * CLIENT span says the same of whom it calls. An address that several services answer at is none that is known.
 */
export class KnownServices {
  private readonly byAddress = new Map<number, number>();
  private readonly byName = new Map<number, number>();

  named(nameHash: number, service: number): void {
    this.byName.set(nameHash, service);
  }

  answersAt(address: number, service: number): void {
    const known = this.byAddress.get(address);
    if (known === service || known === AMBIGUOUS) return;
    if (known !== undefined) this.byAddress.set(address, AMBIGUOUS);
    else if (this.byAddress.size < MAX_ADDRESSES) this.byAddress.set(address, service);
  }

  /** The number of the service that a CLIENT span calls, or -1. */
  find(peer: number, isName: boolean): number {
    const known = (isName ? this.byName : this.byAddress).get(peer);
    return known === undefined || known === AMBIGUOUS ? -1 : known;
  }
}
