import { expect } from '@jest/globals';
import { encodeRequest } from './otlp.js';
import { newHome, type Service, startService } from './service.js';

interface Batch {
  readonly service: string;
  readonly spans: number;
  readonly body: Uint8Array;
}

const SENDERS = 8;

/**
 * Sends batches, kills the process in the middle, starts it again, and sends what was not acknowledged once more; in
 * every round, and with some that were acknowledged sent twice. Each batch is a service of its own, so that the totals
 * show exactly which batches were counted and how often.
 */
export async function killRounds(rounds: number, batchesPerRound: number): Promise<void> {
  const home = newHome();
  const acknowledged = new Set<Batch>();
  const all: Batch[] = [];
  let service = await startService({ home });
  try {
    for (let round = 0; round < rounds; round++) {
      const batches = Array.from({ length: batchesPerRound }, (_, i) => makeBatch(`r${round}-b${i}`, 1 + (i % 40)));
      all.push(...batches);
      const sending = send(service, [...batches, ...pick(acknowledged, 5)], acknowledged);
      const enough = acknowledged.size + Math.random() * batchesPerRound * 0.6;
      for (let i = 0; i < 2000 && acknowledged.size < enough; i++) await sleep(5);
      await sleep(Math.random() * 20);
      const before = acknowledged.size;
      await service.kill();
      await sending;
      service = await startService({ home });
      const counted = await countedSpans(service);
      for (const batch of acknowledged)
        expect([batch.service, counted.get(batch.service)]).toEqual([batch.service, batch.spans]);
      for (const batch of all) expect([undefined, batch.spans]).toContain(counted.get(batch.service));
      process.stdout.write(
        `round ${round + 1}: ${before} of ${all.length} batches acknowledged when killed, ${counted.size} counted\n`,
      );
    }
    const missing = all.filter((batch) => !acknowledged.has(batch));
    await send(service, [...missing, ...pick(acknowledged, 20)], acknowledged);
    expect(acknowledged.size).toBe(all.length);
    const counted = await countedSpans(service);
    expect([...counted].sort()).toEqual(all.map((batch) => [batch.service, batch.spans] as [string, number]).sort());
    const { body } = await service.api<{ data: { observations: number; distinct: { estimate: number } }[] }>(
      `/api/v1/attributes?key=payload&service=${all[0]!.service}`,
    );
    expect(body.data).toMatchObject([{ observations: all[0]!.spans, distinct: { estimate: all[0]!.spans } }]);
  } finally {
    await service.stop();
  }
}

function makeBatch(service: string, spans: number): Batch {
  const attributes = (i: number) => ({ payload: `value ${service} ${i}`, mail: 'someone@shop.test' });
  const body = encodeRequest([
    {
      resource: { 'service.name': service },
      spans: Array.from({ length: spans }, (_, i) => ({ attributes: attributes(i) })),
    },
  ]);
  return { service, spans, body };
}

/** Sends from several connections; what is answered with 200 is acknowledged, what fails is left. */
async function send(service: Service, batches: readonly Batch[], acknowledged: Set<Batch>): Promise<void> {
  const queue = [...batches];
  const sender = async (): Promise<void> => {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      const answer = await service.send(batch.body).catch(() => null);
      if (answer?.status === 200) acknowledged.add(batch);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

async function countedSpans(service: Service): Promise<Map<string, number>> {
  const { body } = await service.api<{ rows: { group: string; spans: number }[] }>('/api/v1/costs?group_by=service');
  return new Map(body.rows.map((row) => [row.group, row.spans]));
}

function pick<T>(from: ReadonlySet<T>, count: number): T[] {
  return [...from].sort(() => Math.random() - 0.5).slice(0, count);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
