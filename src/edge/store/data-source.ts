import { DataSource, DefaultNamingStrategy } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';
import { ENTITIES } from './entities/index.js';

/** Any number that no other program on the database uses for its advisory lock. */
const MIGRATION_LOCK = 7_226_173_301;

class SnakeCase extends DefaultNamingStrategy {
  override tableName(target: string, given: string | undefined): string {
    return given ?? snakeCase(target);
  }

  override columnName(property: string, given: string | undefined): string {
    return given ?? snakeCase(property);
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (c, at: number) => (at > 0 ? '_' : '') + c.toLowerCase());
}

/** A pool of connections to our database. */
export function makeDataSource(url: string, poolSize = 10): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    namingStrategy: new SnakeCase(),
    applicationName: 'spanwarden',
    poolSize,
    connectTimeoutMS: 10_000,
    extra: { statement_timeout: 60_000, idle_in_transaction_session_timeout: 60_000 },
  });
}

/** Brings the schema up to date; of several processes that start at once one does it. Gives the migrations that ran. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await lock.release();
  }
}
