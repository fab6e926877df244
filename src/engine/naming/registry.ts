/** What a naming convention says of one attribute key. */
export interface ConventionAttribute {
  readonly stability: 'stable' | 'development';
  readonly deprecated?: {
    /** `renamed` has exactly one successor, `moved` lives on in another registry, `obsoleted` has none or several. */
    readonly reason: 'renamed' | 'moved' | 'obsoleted';
    readonly renamedTo?: string;
  };
}

/** A registry as `rules/conventions/*.json` states it; keys that end in `.*` are templates. */
export interface ConventionDocument {
  readonly name: string;
  readonly version: string;
  readonly attributes: Readonly<Record<string, ConventionAttribute>>;
}

/** Looks keys up, exact names first, then templates (`http.request.header.*`). */
export class ConventionRegistry {
  private readonly exact: ReadonlyMap<string, ConventionAttribute>;
  private readonly templates: ReadonlyMap<string, ConventionAttribute>;
  readonly name: string;

  constructor(document: ConventionDocument) {
    const entries = Object.entries(document.attributes);
    this.name = `${document.name} ${document.version}`;
    this.exact = new Map(entries.filter(([key]) => !key.endsWith('.*')));
    this.templates = new Map(
      entries.filter(([key]) => key.endsWith('.*')).map(([key, value]) => [key.slice(0, -1), value]),
    );
  }

  find(key: string): ConventionAttribute | undefined {
    const found = this.exact.get(key);
    if (found !== undefined) return found;
    for (let dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
      const template = this.templates.get(key.slice(0, dot + 1));
      if (template !== undefined) return template;
    }
    return undefined;
  }
}
