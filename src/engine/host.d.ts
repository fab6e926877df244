/**
 * The only names the engine takes from its host: two pure functions of the Encoding Standard that every
 * JavaScript runtime has. Everything else of the world (clock, randomness, files, sockets) does not compile here.
 */
declare class TextDecoder {
  constructor(label?: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input: Uint8Array): string;
}
declare class TextEncoder {
  encode(input: string): Uint8Array;
}
