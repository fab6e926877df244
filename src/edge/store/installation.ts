import type { DataSource } from 'typeorm';
import { Installation } from './entities/index.js';

const KEY_ID = 'master-key-id';

/**
 * Notes on the first start which master key a database belongs to. With another key, fingerprints and sketches of
 * before and after could not be compared, and nobody would notice.
 *
 * @throws when the database belongs to another key
 */
export async function claimInstallation(dataSource: DataSource, keyId: string): Promise<void> {
  const repository = dataSource.getRepository(Installation);
  await repository.createQueryBuilder().insert().values({ name: KEY_ID, value: keyId }).orIgnore().execute();
  const known = await repository.findOneByOrFail({ name: KEY_ID });
  if (known.value === keyId) return;
  throw new Error(
    'this database belongs to another master key: use the master-key file or SPANWARDEN_MASTER_KEY that it was begun with',
  );
}
