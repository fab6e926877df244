import { POLICY_REVISION } from '../../model/own-keys.js';
import type { Policy, PolicyVersion } from '../../model/policy.js';
import { abilitiesOf, type CollectorAbilities } from '../collector-version.js';
import { escapeForConfmap } from '../confmap.js';
import { redactionProcessor } from '../keyed-hash.js';
import { type PathStyle, writeDrop, writeMark, writeStatement } from '../ottl.js';
import { notesOn } from '../policy-notes.js';
import { samplingProcessors } from '../sampling-processors.js';
import { isSampling } from '../sampling-rules.js';
import { FILTER_SLOT, REDACTION_SLOT, type Slot, TRANSFORM_SLOT } from '../slots.js';
import { type SpanDrop, spanDropOf } from '../span-drops.js';
import { CONTEXTS, type Context, statementsOf } from '../statements.js';
import type { Rendered } from './target.js';

export interface CollectorOptions {
  /** As the collector says it, such as `0.159.0`; the newest that is known without it. See `collector-version.ts`. */
  readonly version?: string | undefined;
  /**
   * Every resource that went through the policies gets it as `spanwarden.policy_revision`, by the last statement of all, and
   * spans the number of keyed hashes in them as `redaction.masked.count`. Without it nothing is added to spans.
   */
  readonly revision?: string | undefined;
}

/**
 * Processors of the OpenTelemetry Collector (contrib v0.159, and older ones by their version) for the slots of the user's
 * base configuration: confmap merges the map key by key, and nothing else of the configuration is touched. `transform` is
 * always there, the others where a policy needs them; the user's own placeholder holds otherwise.
 */
export function renderOtelCollector(policies: readonly PolicyVersion[], options: CollectorOptions = {}): Rendered {
  const abilities = abilitiesOf(options.version);
  const pieces = new Pieces(abilities);
  for (const version of policies) if (!isSampling(version)) pieces.add(version);
  const sampling = samplingProcessors(policies.filter(isSampling), abilities);
  const carriers = new Map([...pieces.carriers, ...sampling.carriers]);
  const unsupported = [...sampling.unsupported, ...pieces.unsupported];
  return {
    document: { processors: { ...pieces.processors(options), ...asMap(escapeForConfmap(sampling.processors)) } },
    unsupported,
    notes: policies
      .filter(({ id }) => carriers.has(id))
      .flatMap(({ id, policy }) => notesOn(policy).map((note) => ({ id, note }))),
    processors: policies.flatMap(({ id }) => {
      const processors = carriers.get(id);
      return processors === undefined ? [] : [{ id, processors }];
    }),
  };
}

function asMap(data: unknown): Record<string, unknown> {
  return data as Record<string, unknown>;
}

interface Carried {
  readonly slots: readonly Slot[];
}
interface Refused {
  readonly reason: string;
}

/** What the policies are in the words of each processor, in their order. */
class Pieces {
  readonly unsupported: Rendered['unsupported'][number][] = [];
  /** Slots that carry out a policy, by its id. */
  readonly carriers = new Map<string, readonly string[]>();
  private readonly statements = new Map<Context, string[]>(CONTEXTS.map((context) => [context, []]));
  private readonly drops: string[] = [];
  private hasKeyedHash = false;

  constructor(private readonly abilities: CollectorAbilities) {}

  add({ id, policy }: PolicyVersion): void {
    const drop = spanDropOf(policy);
    const made = drop === null ? this.transform(policy) : this.drop(policy, drop);
    if ('reason' in made) this.unsupported.push({ id, reason: made.reason });
    else this.carriers.set(id, made.slots);
  }

  processors({ revision }: CollectorOptions): Record<string, unknown> {
    const groups = CONTEXTS.filter((context) => this.statements.get(context)!.length > 0).map((context) => ({
      context,
      statements: this.statements.get(context)!,
    }));
    const mark = revision === undefined ? [] : [writeMark(POLICY_REVISION, revision, this.styleIn('resource'))];
    const last = mark.map((statement) => ({ context: 'resource', statements: [statement] }));
    const transform = { error_mode: 'ignore', trace_statements: [...groups, ...last] };
    return {
      ...(this.drops.length > 0 && { [FILTER_SLOT]: asMap(escapeForConfmap(this.filter())) }),
      [TRANSFORM_SLOT]: escapeForConfmap(transform),
      ...(this.hasKeyedHash && redactionProcessor(revision !== undefined)),
    };
  }

  private filter(): unknown {
    const conditions = this.drops;
    return this.abilities.hasContextPaths
      ? { error_mode: 'ignore', trace_conditions: [{ context: 'span', conditions }] }
      : { error_mode: 'ignore', traces: { span: conditions } };
  }

  private styleIn(context: Context): PathStyle {
    return { own: this.abilities.hasContextPaths ? null : context };
  }

  private drop({ services }: Policy, drop: SpanDrop | Refused): Carried | Refused {
    if ('reason' in drop) return drop;
    if (services.length === 0) return { reason: 'it names no services' };
    this.drops.push(writeDrop(drop, this.styleIn('span')));
    return { slots: [FILTER_SLOT] };
  }

  private transform(policy: Policy): Carried | Refused {
    const made = statementsOf(policy);
    if ('reason' in made) return made;
    const isKeyed = policy.action.kind === 'keyed-hash';
    if (isKeyed && !this.abilities.hasKeyedHash) return { reason: NO_KEYED_HASH };
    this.hasKeyedHash ||= isKeyed;
    const style = this.styleIn(made.context);
    this.statements.get(made.context)!.push(...made.statements.map((statement) => writeStatement(statement, style)));
    return { slots: isKeyed ? [TRANSFORM_SLOT, REDACTION_SLOT] : [TRANSFORM_SLOT] };
  }
}

const NO_KEYED_HASH = 'collectors have keyed hashes from version 0.147.0 on';
