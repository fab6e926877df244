import { describe, expect, test } from '@jest/globals';
import { crc32 } from '../../../src/engine/detect/crc32.js';
import { atlassianChecksum } from '../../../src/engine/detect/validators/atlassian-checksum.js';
import { grafanaChecksum } from '../../../src/engine/detect/validators/grafana-checksum.js';

test('crc32 of the check value that the catalogue of CRC algorithms gives', () => {
  expect(crc32('123456789').toString(16)).toBe('cbf43926');
});

describe('grafana-checksum', () => {
  // The specimen of Grafana's own unit test.
  const SPECIMEN = 'glsa_yscW25imSKJIuav8zF37RZmnbiDvB05G_fcaaf58a';

  test('holds for the specimen of its source', () => {
    expect(grafanaChecksum(SPECIMEN)).toBe(true);
  });

  test.each([
    ['another letter', SPECIMEN.replace('ysc', 'yse')],
    ['another sum', SPECIMEN.replace('fcaa', 'fcab')],
    ['the highest byte first', SPECIMEN.replace('fcaaf58a', '8af5aafc')],
    ['no underscore', SPECIMEN.replace('_fcaa', '-fcaa')],
    ['too short', '_fcaaf58'],
    ['empty', ''],
  ])('fails for %s', (_what, text) => {
    expect(grafanaChecksum(text)).toBe(false);
  });
});

describe('atlassian-checksum', () => {
  const body = `ATCTT3xFfGN0${'kQmX2vLr9ZtWb4NcYh6J-dGf3SuTe8A1_'.repeat(5)}`;
  const sum = crc32(body).toString(16).toUpperCase().padStart(8, '0');

  test('holds for the sum of what stands before it, in either case', () => {
    expect(atlassianChecksum(`${body}=${sum}`)).toBe(true);
    expect(atlassianChecksum(`${body}=${sum.toLowerCase()}`)).toBe(true);
  });

  test.each([
    ['another letter', `${body.replace('kQ', 'kR')}=${sum}`],
    ['no equals sign', `${body}_${sum}`],
    ['no sum', body],
    ['empty', ''],
  ])('fails for %s', (_what, text) => {
    expect(atlassianChecksum(text)).toBe(false);
  });
});
