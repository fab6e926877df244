import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runDemo } from '../../src/edge/demo/demo.js';
import { type Leak, readLeaks, SHOP_DIR } from '../../src/edge/demo/leaks.js';
import type { DemoResult } from '../../src/edge/demo/result.js';
import { newHome, type Service, startService } from '../support/service.js';

/** The demo with everything it prints, on whichever stream. */
async function run(options: { seconds: number; home: string; json: boolean }) {
  const lines: string[] = [];
  const asides = jest.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(`aside: ${text}`) > 0);
  const said: string[] = [];
  try {
    const code = await runDemo({ ...options, keep: false, say: (line) => void said.push(line) });
    return { code, said: said.join('\n'), all: [...lines, ...said].join('\n') };
  } finally {
    asides.mockRestore();
  }
}

const temporaryShops = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('spanwarden-shop-'));

describe('the demo', () => {
  let rawValues: readonly string[];
  const before = temporaryShops();

  beforeAll(async () => {
    const people = (await import(pathToFileURL(join(SHOP_DIR, 'people.mjs')).href)) as { RAW_VALUES: string[] };
    rawValues = people.RAW_VALUES;
    expect(rawValues.length).toBeGreaterThan(30);
  });

  it('starts spanwarden and the shop, finds every planted leak and prints JSON without a raw value', async () => {
    const home = newHome();
    try {
      const { code, said, all } = await run({ seconds: 12, home, json: true });
      const result = JSON.parse(said) as DemoResult;
      expect(result.leaks.map(({ id }) => id)).toEqual(readLeaks().map(({ id }) => id));
      expect(result.leaks.flatMap(({ places }) => places).filter(({ found }) => !found)).toEqual([]);
      expect(code).toBe(0);
      expect(result.complete).toBe(true);
      expect(result.traffic.failures).toBe(0);
      expect(result.costs.rows.map(({ team, service }) => `${team} ${service}`).sort()).toEqual([
        'identity accounts',
        'payments checkout',
        'web storefront',
      ]);
      expect(result.costs.total.cost).toBeGreaterThan(0);
      const savings = new Map(result.team_savings.map((row) => [row.team, row]));
      expect([...savings.keys()]).toEqual(['identity', 'payments', 'web']);
      for (const row of savings.values()) {
        expect(row.cost).toBeGreaterThan(0);
        expect(row.suggestions_save).toBeGreaterThan(0);
        // http.method beside http.request.method.
        expect(row.stored_twice).toBe(1);
        expect(row.stored_twice_cost).toBeGreaterThan(0);
      }
      const unanswered = result.leaks
        .flatMap(({ places }) => places)
        .filter(({ policy, policy_title }) => policy !== undefined && policy_title === null);
      expect(unanswered).toEqual([]);
      expect(rawValues.filter((value) => all.includes(value))).toEqual([]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }, 120_000);

  describe('with a spanwarden that runs', () => {
    let service: Service;

    beforeAll(async () => {
      service = await startService({ env: { SPANWARDEN_TRACE_IDLE_SECONDS: '5' } });
    }, 120_000);

    afterAll(() => service.stop());

    it('uses it, leaves it running, and prints text of 100 columns without a raw value', async () => {
      const { code, said, all } = await run({ seconds: 6, home: service.home, json: false });
      expect(code).toBe(0);
      expect(said).toMatch(/stored twice +suggested policies save/);
      expect(said).toMatch(/ {2}web +USD [\d.]+ +1, USD [\d.]+ +USD [\d.]+/);
      expect(said).toContain(`spanwarden: using the one that runs at ${service.endpoints.http}`);
      const { status, body } = await service.api<{ data: { id: string }[] }>('/api/v1/findings?limit=200');
      expect(status).toBe(200);
      for (const { id } of body.data) expect(said).toContain(`${service.endpoints.http}/ui/findings/${id}`);
      const mayBeWide = (line: string): boolean => /^ {4}\s*- '.*'$/.test(line) || line.includes(service.home);
      const wide = said.split('\n').filter((line) => line.length > 100 && !mayBeWide(line));
      expect(wide).toEqual([]);
      expect(rawValues.filter((value) => `${all}${service.output()}`.includes(value))).toEqual([]);
    }, 120_000);
  });

  afterAll(() => {
    expect(temporaryShops().filter((name) => !before.includes(name))).toEqual([]);
  });
});

describe('examples/shop', () => {
  const readme = readFileSync(join(SHOP_DIR, 'README.md'), 'utf8');

  it.each(readLeaks().map((leak): [string, Leak] => [leak.id, leak]))(
    '%s is in the code and in the README',
    (id, leak) => {
      const code = readFileSync(join(SHOP_DIR, leak.file), 'utf8');
      expect(code.split(leak.line)).toHaveLength(2);
      expect(code).toContain(`LEAK ${id}:`);
      for (const text of [leak.title, id, leak.line, leak.why, leak.fix]) expect(readme).toContain(text);
      for (const { key, location } of leak.places)
        expect(readme).toContain(location === 'status' ? 'status' : `\`${key}\``);
    },
  );
});
