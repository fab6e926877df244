import { type Problem, problem } from '../problem.js';
import { asObject } from '../rules/document-reader.js';

/** Teams of services as a file states them, and what is wrong in it. */
export interface StatedOwners {
  readonly owners: readonly { readonly service: string; readonly team: string }[];
  readonly problems: readonly Problem[];
  /** Entries that are about no service. */
  readonly skipped: number;
}

/** Says the name of a service where that of the component is another. */
export const SERVICE_ANNOTATION = 'resource.opentelemetry.io/service.name';

/** `[<kind>:][<namespace>/]<name>`, see https://backstage.io/docs/features/software-catalog/references */
const ENTITY_REF = /^(?:([a-z][a-z0-9]*):)?(?:([a-z0-9][\w.-]{0,62})\/)?([a-z0-9][\w.-]{0,62})$/i;
const REF_FORM = 'a group as [group:][<namespace>/]<name>';
const MAX_NAME = 300;

/**
 * Owners of the components of a Backstage catalogue. Other kinds of entities are skipped.
 *
 * @param documents of `catalog-info.yaml`, as parsed; https://backstage.io/docs/features/software-catalog/descriptor-format
 */
export function readBackstage(documents: readonly unknown[]): StatedOwners {
  const owners: { service: string; team: string }[] = [];
  const problems: Problem[] = [];
  const seenIn = new Map<string, number>();
  let skipped = 0;
  documents.forEach((document, i) => {
    const place = `document ${i + 1}`;
    const entity = asObject(document);
    if (entity === null || typeof entity.kind !== 'string') {
      if (document === null) skipped++;
      else problems.push(problem('invalid', `${place}: kind`, 'not an entity', 'an entity with a kind'));
      return;
    }
    if (entity.kind.toLowerCase() !== 'component') {
      skipped++;
      return;
    }
    const [service, field] = serviceOf(asObject(entity.metadata));
    const team = teamOf(asObject(entity.spec)?.owner);
    if (service === null)
      problems.push(problem('invalid', `${place}: ${field}`, 'not a name', `1 to ${MAX_NAME} characters`));
    if (team === null) problems.push(problem('invalid', `${place}: spec.owner`, 'not a group', REF_FORM));
    const before = seenIn.get(service ?? '');
    if (before !== undefined) {
      const what = `its service is in document ${before} as well`;
      problems.push(problem('overlap', `${place}: ${field}`, what, 'one component for a service'));
    }
    if (service === null || before !== undefined) return;
    seenIn.set(service, i + 1);
    if (team !== null) owners.push({ service, team });
  });
  return { owners, problems, skipped };
}

function serviceOf(metadata: ReturnType<typeof asObject>): [service: string | null, field: string] {
  const annotated = asObject(metadata?.annotations)?.[SERVICE_ANNOTATION];
  const [name, field] =
    annotated === undefined
      ? [metadata?.name, 'metadata.name']
      : [annotated, `metadata.annotations.${SERVICE_ANNOTATION}`];
  const isName = typeof name === 'string' && name.trim() !== '' && name.length <= MAX_NAME && !name.includes('\0');
  return [isName ? name.trim() : null, field];
}

/** References do not tell upper from lower case, and the namespace `default` goes without saying. */
function teamOf(owner: unknown): string | null {
  const ref = typeof owner === 'string' ? ENTITY_REF.exec(owner.trim()) : null;
  if (ref === null) return null;
  const [kind, namespace, name] = [ref[1] ?? 'group', ref[2] ?? 'default', ref[3]!].map((part) => part.toLowerCase());
  if (kind !== 'group') return null;
  return namespace === 'default' ? name! : `${namespace}/${name}`;
}
