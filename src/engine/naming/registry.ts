import type { ConventionAttribute, ConventionDocument, Governance, RegistryKind } from '../model/convention.js';
import { NearMisses } from './near-miss.js';

/** A key that a registry knows. */
export interface KnownAttribute {
  readonly attribute: ConventionAttribute;
  /** The key as the registry has it; a template ends in `.*`. */
  readonly key: string;
  /** Name and version of the registry. */
  readonly registry: string;
  readonly kind: RegistryKind;
}

/** Renames of names that were renamed themselves are followed so far. */
const MAX_RENAMES = 5;
/** First components of reversed domains, which say nothing of a company without the next one. */
const TOP_LEVEL = /^(?:com|org|net|io|dev|gov|edu|info|cloud|app|[a-z]{2})$/;

/**
 * Several registries as one: the first that has a key speaks for it. Exact names go before templates
 * (`http.request.header.*`).
 */
export class ConventionRegistry {
  private readonly exact = new Map<string, KnownAttribute>();
  /** By the name without its `.*`. */
  private readonly templates = new Map<string, KnownAttribute>();
  /** Namespaces of names in use, of the standard's or a company's. */
  private readonly namespaces = new Set<string>();
  private readonly companyPrefixes = new Set<string>();
  private readonly nearMisses = new NearMisses();
  private readonly governance: ReadonlyMap<string, Governance>;
  readonly hasCompany: boolean;

  constructor(readonly documents: readonly ConventionDocument[]) {
    this.hasCompany = documents.some(({ kind }) => kind === 'company');
    this.governance = new Map(documents.flatMap(({ governance = {} }) => Object.entries(governance)).reverse());
    for (const document of documents) this.take(document);
    const known = [...this.exact.values(), ...this.templates.values()];
    for (const one of known) if (one.kind === 'standard') this.learnNamespaces(one.key);
    const standard = new Set(this.namespaces);
    for (const one of known) if (one.kind === 'company') this.learnCompany(one.key, standard);
    for (const one of this.exact.values()) if (one.kind !== 'vendor' && isInUse(one)) this.nearMisses.add(one.key);
    for (const one of this.exact.values()) this.learnOtherNames(one);
  }

  find(key: string): KnownAttribute | undefined {
    const found = this.exact.get(key);
    if (found !== undefined || this.templates.size === 0) return found;
    for (const namespace of namespacesOf(key)) {
      const template = this.templates.get(namespace);
      if (template !== undefined) return template;
    }
    return undefined;
  }

  /** The name in use that replaces a deprecated one; undefined where there is not exactly one that means the same. */
  renamedTo(key: string): string | undefined {
    let name = key;
    for (let i = 0; i < MAX_RENAMES; i++) {
      const known = this.find(name);
      const next = known?.attribute.deprecated?.renamedTo;
      if (known === undefined || next === undefined) break;
      if (!next.endsWith('.*')) name = next;
      else if (known.key.endsWith('.*')) name = next.slice(0, -1) + name.slice(known.key.length - 1);
      else return undefined;
    }
    return name === key ? undefined : name;
  }

  /** What a company expects of the values of a key, its own or one that it only refers to. */
  governanceOf(key: string): Governance | undefined {
    return this.find(key)?.attribute.governance ?? this.governance.get(key);
  }

  /** Whether names in use begin with the key and a dot. */
  isNamespace(key: string): boolean {
    return this.namespaces.has(key);
  }

  /** The longest namespace that the key shares with names in use. */
  namespaceOf(key: string): string | undefined {
    return namespacesOf(key).find((namespace) => this.namespaces.has(namespace));
  }

  /** An attribute in use that the key makes a namespace of, as `http.route.name` does of `http.route`. */
  attributeAbove(key: string): string | undefined {
    return namespacesOf(key).find((namespace) => {
      const above = this.exact.get(namespace);
      return above !== undefined && above.kind !== 'vendor' && isInUse(above);
    });
  }

  /** Whether the key stands in a namespace that a company's registry made its own. */
  isOfCompany(key: string): boolean {
    return namespacesOf(key).some((namespace) => this.companyPrefixes.has(namespace));
  }

  /** The name in use that an unknown key was most likely meant to be. */
  nearMiss(key: string): string | undefined {
    return this.nearMisses.find(key);
  }

  /** The name in use that has the same letters, whatever their case and what stands between them. */
  sameLetters(key: string): string | undefined {
    return this.nearMisses.sameLetters(key);
  }

  private take({ name, version, kind, attributes }: ConventionDocument): void {
    const registry = `${name} ${version}`;
    for (const [key, attribute] of Object.entries(attributes)) {
      const [map, at] = key.endsWith('.*') ? [this.templates, key.slice(0, -2)] : [this.exact, key];
      if (!map.has(at)) map.set(at, { attribute, key, registry, kind });
    }
  }

  private learnNamespaces(key: string): void {
    const known = this.exact.get(key) ?? this.templates.get(key.slice(0, -2));
    if (known === undefined || !isInUse(known)) return;
    for (const namespace of namespacesOf(key)) this.namespaces.add(namespace);
  }

  /** A company's names, and its prefix: where they do not stand in a namespace of the standard. */
  private learnCompany(key: string, standard: ReadonlySet<string>): void {
    this.learnNamespaces(key);
    const [first = '', second] = key.split('.');
    const prefix = TOP_LEVEL.test(first) && second !== undefined ? `${first}.${second}` : first;
    if (prefix !== key && !standard.has(first)) this.companyPrefixes.add(prefix);
  }

  /** Aliases and deprecated names lead to the name in use that replaces them. */
  private learnOtherNames({ key, attribute }: KnownAttribute): void {
    const name = this.renamedTo(key) ?? key;
    const known = this.exact.get(name);
    if (known === undefined || known.kind === 'vendor' || !isInUse(known)) return;
    for (const other of [key, ...(attribute.aliases ?? [])]) if (other !== name) this.nearMisses.add(name, other);
  }
}

/** Whether nobody says that the name is out of use; what moved to another registry lives on there. */
export function isInUse({ attribute }: Pick<KnownAttribute, 'attribute'>): boolean {
  return attribute.deprecated === undefined || attribute.deprecated.reason === 'moved';
}

/** Namespaces of a name, the longest first: `a.b`, `a` of `a.b.c`. */
export function namespacesOf(key: string): string[] {
  const found: string[] = [];
  for (let dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) found.push(key.slice(0, dot));
  return found;
}
