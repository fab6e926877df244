import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BITCOIN_ALPHABET, decodeBase58 } from '../../../src/engine/detect/base58.js';
import { keccak256 } from '../../../src/engine/detect/keccak256.js';
import { sha256 } from '../../../src/engine/detect/sha256.js';
import { VALIDATORS } from '../../../src/engine/detect/validators/index.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');

describe('hashes', () => {
  test('SHA-256 is that of the platform, for every length of message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'));
      }),
    );
  });

  test.each([
    ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
    ['The quick brown fox jumps over the lazy dog', '4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15'],
  ])('Keccak-256 of %j', (message, digest) => {
    expect(hex(keccak256(bytes(message)))).toBe(digest);
  });

  test('Keccak-256 pads messages of a block, and of one byte less, with a block of their own or a single byte', () => {
    const digests = [135, 136, 137, 272].map((length) => hex(keccak256(new Uint8Array(length).fill(97))));
    expect(digests).toEqual([
      '34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446',
      'a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e',
      'd869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39',
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });

  test('base58 keeps leading zeros and refuses other characters', () => {
    expect(decodeBase58('11', BITCOIN_ALPHABET)).toEqual(Uint8Array.of(0, 0));
    expect(decodeBase58('1z', BITCOIN_ALPHABET)).toEqual(Uint8Array.of(0, 57));
    expect(decodeBase58('0', BITCOIN_ALPHABET)).toBeNull();
  });
});

/** Specimens that the issuing bodies print, and the same with one character changed. */
const TABLE: Readonly<Record<string, { yes: string[]; no: string[] }>> = {
  'aba-routing': {
    yes: ['021000021', '011401533', '0910-0001-9'],
    no: ['021000022', '000000000', '331000021', '02100002'],
  },
  base58check: {
    yes: [
      '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
      '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy',
      '5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ',
    ],
    no: ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb', '1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf', '1111', '0A1zP1eP5QGefi2DMPTfTL5S'],
  },
  bech32: {
    yes: [
      'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4',
      'bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3',
      'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
      'A12UEL5L',
    ],
    no: [
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5',
      'bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3b4',
      '1qqqqqqq',
      'bc1q',
    ],
  },
  bic: {
    yes: ['DEUTDEFF', 'DEUTDEFF500', 'NEDSZAJJXXX'],
    no: ['DEUTDEF', 'DEUTZZFF', 'deutdeff', 'DEUTDEF0', 'COMPLETE', 'INTERNAL'],
  },
  'card-groups': {
    yes: ['4539 5787 6362 1486', '3714-496353-98431', '3683-337907-2244'],
    no: ['4539578763621486', '4539 5787-6362 1486', '4539 5787 6362'],
  },
  'card-track': {
    yes: ['4539578763621486^QUILL/ADA^29121010000', '4539578763621486=29121010000'],
    no: ['4539578763621486=29131010000', '4539578763621487=29121010000', '4539578763621486'],
  },
  clabe: { yes: ['032180000118359719'], no: ['032180000118359718', '03218000011835971', '000000000000000000'] },
  coordinates: {
    yes: [
      '52.5200,13.4050',
      '-33.86882, 151.20929',
      '51.50735,-0.12776',
      '"lat":52.52000,"lng":13.40500',
      '0.3476,32.5825',
    ],
    no: ['52.52,13.40', '95.1234,200.1234', '91.1234,95.1234', '0.1234,0.5678', '52.5200', '1.2345,2.3456,3.4567'],
  },
  'de-kvnr': { yes: ['A000500015', 'A123456780'], no: ['A000500016', 'a000500015', 'A00050001', '1000500015'] },
  'de-lanr': { yes: ['123456601', '838382202'], no: ['123457601', '123456600', '555555501', '12345660'] },
  'document-number': {
    yes: ['C01X00T47', 'X1234567', '472 993 108', 'D-4471-9920'],
    no: ['ABCDEF', '123456789', '0000000', 'A12', 'passport', 'X'.repeat(21)],
  },
  eip55: {
    yes: [
      '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
      '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
      '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
      '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
    ],
    no: [
      '0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
      '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed',
      '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe',
    ],
  },
  'filled-in': {
    yes: ['Catholic', 'röm.-kath.', 'Green Party'],
    no: [
      '',
      ' ',
      'n/a',
      'Unknown',
      'prefer not to say',
      'string',
      'true',
      '$1',
      '{{religion}}',
      '[REDACTED]',
      'xxxx',
      '***',
    ],
  },
  iccid: {
    yes: ['89014103211118510720', '8944865150147042442'],
    no: ['89014103211118510730', '8991101200003204511', '8814103211118510720', '890141032111185'],
  },
  imsi: { yes: ['310150123456789', '26201123456789'], no: ['110150123456789', '3101501234567', '310150000000000'] },
  'monero-address': {
    yes: ['888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H'],
    no: [
      '888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3J',
      '888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3',
    ],
  },
  mrz: {
    yes: [
      'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10',
      'L898902C36UTO7408122F1204159ZE184226B<<<<<10',
      'I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\\nD231458907UTO7408122F1204159<<<<<<<6',
      'I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<',
    ],
    no: [
      'L898902C36UTO7408123F1204159ZE184226B<<<<<10',
      'L898902C36UTO7408122F1204159ZE184226B<<<<<11',
      'I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<7ERIKSSON<<ANNA<MARIA<<<<<<<<<<',
      'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
    ],
  },
  'national-phone': {
    yes: ['07911 123456', '(415) 555-0132', '030/1234567', '06 12 34 56 78', '98230 41576'],
    no: ['12345', '2026-11-23', '1764000000000', '0000000000', '123456789', '(415 555-0132', '192.168.100.200'],
  },
  'person-name': {
    yes: [
      'Ada Quill',
      'Ada',
      "Maeve O'Hara",
      'José Ángel Peña',
      'Anne-Marie McKenna',
      'ada+quill',
      'Ada%20Quill',
      'Jean-Luc de la Tour',
    ],
    no: [
      'X',
      'orderService',
      'com.shop.Order',
      'last_name',
      'null',
      'String',
      'first name',
      'Acme GmbH',
      'is required',
      '$1',
      'Ada 77',
      'one two three four five six',
    ],
  },
  'ripple-base58check': {
    yes: ['rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh', 'snoPBrXtMeMyMHUVTgbuqAfg1SUTb'],
    no: ['rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
  },
  'seed-phrase': {
    yes: ['legal winner thank year wave sausage worth useful legal winner thank yellow'],
    no: [
      'legal winner thank year wave sausage worth useful legal winner thank',
      'keep the twelve words safe and never show them again please friend okay',
      'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo',
      'Legal Winner thank year wave sausage worth useful legal winner thank yellow',
    ],
  },
  'sepa-creditor-id': {
    yes: ['DE98ZZZ09999999999', 'DE98ABC09999999999'],
    no: ['DE99ZZZ09999999999', 'ZZ98ZZZ09999999999', 'DE98'],
  },
  'solana-key': {
    yes: ['11111111111111111111111111111111', 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'],
    no: ['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5', '0okenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'],
  },
  'stellar-key': {
    yes: ['GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ'],
    no: ['GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGX', 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MG1'],
  },
  'test-card': { yes: ['4242 4242 4242 4242', '378282246310005'], no: ['4539578763621486', '4242424242424243'] },
  'us-dea': { yes: ['AB1234563', 'F91234563'], no: ['AB1234564', 'IB1234563', 'AB123456', 'AB0000000'] },
  'us-npi': { yes: ['1234567893', '1245319599'], no: ['1234567890', '3234567893', '123456789'] },
  vin: {
    yes: ['1M8GDM9AXKP042788', '1hgcm82633a004352'],
    no: ['1M8GDM9A1KP042788', '1M8GDM9AXKP04278', '11111111111111111', '1M8GDM9AXKO042788'],
  },
};

describe('validators of personal data', () => {
  test.each(Object.entries(TABLE))('%s', (name, { yes, no }) => {
    expect(yes.filter((value) => !VALIDATORS[name]!(value))).toEqual([]);
    expect(no.filter((value) => VALIDATORS[name]!(value))).toEqual([]);
  });

  test.each([
    ['email', 'a@shop.co.uk', 'a@shop.xn--p1ai', 'a@mail.com.py', 'a@b.example'],
    [
      'birth-date',
      '19840719',
      '19 July 1984',
      'July 19, 1984',
      '19. Juli 1984',
      '19 de julio de 1984',
      '1984-07-19T00:00:00Z',
    ],
    ['hardware-address', '3C-22-FB-4D-1A-90', '3c22.fb4d.1a90', '3c22fb4d1a90'],
    ['e164', 'tel:+442071838750', '+22997123456'],
  ])('%s takes more forms', (name, ...values) => {
    expect(values.filter((value) => !VALIDATORS[name]!(value))).toEqual([]);
  });

  test.each([
    [
      'email',
      'x@y.service',
      'a@host.local',
      'a@module.py',
      'a@b.invalid',
      'root@web1.shop.com',
      'do-not-reply@shop.com',
    ],
    [
      'email',
      'job@project.iam.gserviceaccount.com',
      '0123456789abcdef@o447.ingest.us.sentry.io',
      'jira-noreply@shop.com',
    ],
    ['birth-date', '19841319', '31 February 1984', '19 Foo 1984'],
    [
      'hardware-address',
      '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48',
      '3c22.fb4d-1a90',
      '000000000000',
      '00:50:56:1a:2b:3c',
    ],
    ['e164', '+1 115 555 0132', '+4400000000000'],
  ])('%s refuses more forms', (name, ...values) => {
    expect(values.filter((value) => VALIDATORS[name]!(value))).toEqual([]);
  });
});
