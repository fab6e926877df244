import type { ResourceFacts, ScopeFacts, SpanFacts } from '../model/span-facts.js';
import { OVERFLOW, type Place } from './quality-book.js';

/** What fits beside each other into one integer: place (11 bits), template (16 bits), kind (3 bits). */
const MAX_PLACES = 2_047;
const MAX_TEMPLATES = 65_535;
const MAX_LIBRARIES = 4_095;

/** Numbers for a kind of thing, given out once; when they run out, all that is new shares the number 0. */
class Numbers<T> {
  private readonly byKey = new Map<string, number>();
  private readonly list: T[];

  constructor(
    private readonly most: number,
    overflow: T,
  ) {
    this.list = [overflow];
  }

  of(key: string, make: () => T): number {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    if (this.list.length > this.most) return 0;
    this.byKey.set(key, this.list.length);
    return this.list.push(make()) - 1;
  }

  get(number: number): T {
    return this.list[number]!;
  }

  get size(): number {
    return this.list.length;
  }
}

/** Numbers of the process for the names that requests bring, in the place of those of each request. */
export class Names {
  private readonly places = new Numbers<Place & { readonly number: number }>(MAX_PLACES, {
    ...{ service: OVERFLOW, environment: '', number: 0 },
  });
  private readonly services = new Numbers<string>(MAX_PLACES, OVERFLOW);
  private readonly libraries = new Numbers<ScopeFacts>(MAX_LIBRARIES, { name: OVERFLOW, version: '' });
  private readonly templates = new Numbers<string>(MAX_TEMPLATES, OVERFLOW);

  placeOf({ service, environment }: ResourceFacts): number {
    const number = this.serviceNumber(service);
    return this.places.of(`${service}\0${environment}`, () => ({ service, environment, number }));
  }

  librariesOf(facts: SpanFacts): number[] {
    return facts.scopes.map((scope) => this.libraries.of(`${scope.name}\0${scope.version}`, () => scope));
  }

  templatesOf(facts: SpanFacts): number[] {
    return facts.operations.map((template) => this.templates.of(template, () => template));
  }

  place(number: number): Place {
    return this.places.get(number);
  }

  /** Calls back with every place whose number, modulo 32, is a bit of `bits`. */
  eachPlace(bits: number, visit: (place: number) => void): void {
    for (let place = 0; place < this.places.size; place++) if (((bits >>> (place & 31)) & 1) === 1) visit(place);
  }

  /** Number of the service at a place, whatever its environment. */
  serviceOf(place: number): number {
    return this.places.get(place).number;
  }

  service(number: number): string {
    return this.services.get(number);
  }

  library(number: number): ScopeFacts {
    return this.libraries.get(number);
  }

  template(number: number): string {
    return this.templates.get(number);
  }

  private serviceNumber(service: string): number {
    return this.services.of(service, () => service);
  }
}
