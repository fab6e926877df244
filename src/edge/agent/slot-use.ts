import { execFile } from 'node:child_process';
import { parse } from 'yaml';

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Slots that are filled and stand in no pipeline of the collector's whole configuration, so that nothing is carried out:
 * a collector takes that without a word. None where it cannot tell, as collectors before v0.155 cannot.
 *
 * @param served what is in the slots
 */
export async function idleSlots(collector: string, configs: readonly string[], served: string): Promise<string[]> {
  const printed = await printedConfig(collector, configs);
  const config: unknown = printed === null ? null : parse(printed);
  if (config === null) return [];
  const used = new Set(Object.values(pipelinesOf(config)).flatMap(({ processors }) => processors ?? []));
  const { processors } = parse(served) as { processors?: Readonly<Record<string, unknown>> };
  return Object.keys(processors ?? {}).filter((slot) => !used.has(slot));
}

type Pipelines = Readonly<Record<string, { readonly processors?: readonly string[] | null }>>;

function pipelinesOf(config: unknown): Pipelines {
  const { service } = config as { service?: { pipelines?: Pipelines } };
  return service?.pipelines ?? {};
}

/** With secrets left out, as the collector does by itself. */
function printedConfig(collector: string, configs: readonly string[]): Promise<string | null> {
  const args = ['print-config', ...configs.map((config) => `--config=${config}`)];
  return new Promise((done) => {
    execFile(collector, args, { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES }, (error, stdout) =>
      done(error === null ? stdout : null),
    );
  });
}
