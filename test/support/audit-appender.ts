import { AuditLog } from '../../src/edge/audit/audit-log.js';
import { makeDataSource } from '../../src/edge/store/data-source.js';
import { CHAIN_KEY } from './audit-chain.js';

/* A process that adds to an audit log at once what it is told to: database URL, name, count. */

const [url, name, count] = process.argv.slice(2) as [string, string, string];
const dataSource = await makeDataSource(url, 8).initialize();
const log = new AuditLog(dataSource, () => CHAIN_KEY, { findsIn: () => false });
process.send?.('ready');
await new Promise<void>((go) => process.once('message', () => go()));
const entry = (i: number) => ({ actor: name, action: 'test', object: `row/${i}` });
await Promise.all(
  Array.from({ length: Number(count) }, (_, i) =>
    // Half by themselves, half within a transaction of something else.
    i % 2 === 0
      ? log.record('default', entry(i))
      : dataSource.transaction((manager) => log.append(manager, 'default', entry(i))),
  ),
);
await dataSource.destroy();
process.disconnect?.();
