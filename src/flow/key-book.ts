import { Interner } from '../engine/aggregate/interner.js';
import { OVERFLOW } from '../engine/aggregate/rollup-builder.js';
import { storableName } from '../engine/detect/names.js';
import type { Match } from '../engine/detect/scanner.js';
import type { SensitiveKeys } from '../engine/detect/sensitive-keys.js';
import type { KeyTraits, ValueScanner } from '../engine/detect/value-scanner.js';
import { decodeUtf8 } from '../engine/encoding.js';
import { FIELDS } from '../engine/model/location.js';
import type { NamingFinding } from '../engine/model/naming-finding.js';
import { CANARY_ID, isOwnKey, POLICY_REVISION } from '../engine/model/own-keys.js';
import type { SpanNameRow } from '../engine/model/rollup.js';
import { violationsOf } from '../engine/naming/attribute-rules.js';
import type { ConventionRegistry } from '../engine/naming/registry.js';
import { hasIds, mineSpanName } from '../engine/naming/span-name.js';
import { checkSpanName } from '../engine/naming/span-name-rules.js';
import { keyRole } from '../engine/quality/known-keys.js';
import type { SensitiveKeyClass } from '../engine/rules/sensitive-key-document.js';

/** What is known of an attribute key, found out when it is first met. */
export interface KeyInfo {
  /** The key as it may be stored. */
  readonly name: string;
  readonly text: string;
  readonly traits: KeyTraits;
  /** Why every value under the key is sensitive, where it is. */
  readonly sensitive: SensitiveKeyClass | null;
  readonly violations: readonly NamingFinding[];
  /** Values of the key's enum; null where it is none. */
  readonly enumValues: ReadonlySet<string> | null;
  /** Whether its value says that the span is a canary. */
  readonly isCanary: boolean;
  /** What the key itself gives away. */
  readonly matches: readonly Match[];
}

/** What is known of a service, environment or span name. */
export interface NameInfo {
  /** The name as it may be stored. */
  readonly name: string;
  readonly template: string;
  /** Forms of what the template has placeholders for. */
  readonly shapes: readonly string[];
  /** Ids of the rules that it violates as the name of a span. */
  readonly violations: readonly string[];
  /** Keyed hash of the name, -1 until it was counted. */
  hash: number;
  /** The row that counts spans of this name, in the cell and for the span kind where it was met last. */
  row: SpanNameRow | null;
  rowCell: number;
  /** Its number among the operations of the request that is analysed, and which request that is. */
  operation: number;
  request: number;
}

/**
 * Labels that name a team, those of the namespace first, in the plural as well that the Collector's k8sattributes processor
 * wrote before the labels were part of the conventions.
 */
export const TEAM_LABELS = [
  'k8s.namespace.label.team',
  'k8s.namespace.labels.team',
  'k8s.namespace.label.owner',
  'k8s.namespace.labels.owner',
  'k8s.pod.label.team',
  'k8s.pod.labels.team',
  'k8s.pod.label.owner',
  'k8s.pod.labels.owner',
] as const;

/** Resource keys that name a team, where nobody configures others; the first that is set counts. */
export const OWNER_KEYS: readonly string[] = ['team', 'team.name', 'service.team', 'service.owner', 'owner'];

/** Resource keys that the analysis reads itself; their ids follow those of `FIELDS`, and those that name teams theirs. */
const RESOURCE_KEYS = [
  'service.name',
  'deployment.environment.name',
  'deployment.environment',
  'service.namespace',
  'k8s.namespace.name',
  POLICY_REVISION,
  ...TEAM_LABELS,
];
export const FIRST_RESOURCE_KEY = FIELDS.length;
/** Id of the key under which collectors write the revision of their policies. */
export const REVISION_KEY = FIRST_RESOURCE_KEY + RESOURCE_KEYS.indexOf(POLICY_REVISION);

/** Where in code a span was made (semantic conventions, `code.*`), with the names before 1.33. */
export const CODE_KEYS = [
  'code.file.path',
  'code.filepath',
  'code.line.number',
  'code.lineno',
  'code.function.name',
  'code.function',
] as const;
export type CodeKey = (typeof CODE_KEYS)[number];

export const MAX_KEYS = 65_536;
/** New keys that a service may bring at once, and from then on with each request. */
const MAX_NEW_KEYS = 4_096;
const NEW_KEYS_A_REQUEST = 16;
/** Services share allowances by a hash of their name; a power of two. */
const ALLOWANCES = 4_096;
const MAX_NAMES = 65_536;
const MAX_ACCOMPANIED = 4096;

/** Small integers for keys and names, and what follows from their text once and for all. */
export class KeyBook {
  private readonly keys: Interner;
  private readonly keyInfos: KeyInfo[] = [];
  /** By key: what it means to the audit of traces (quality/known-keys.ts). */
  readonly roles = new Uint8Array(MAX_KEYS);
  private readonly names: Interner;
  private readonly nameInfos: NameInfo[] = [];
  /** No more than there are names. */
  private readonly violationsOf = new Map<string, readonly string[]>();
  /** Resource keys by their ids, from FIRST_RESOURCE_KEY on. */
  readonly resourceKeys: readonly string[];
  /** Id of the first of CODE_KEYS; the others follow. */
  readonly firstCodeKey: number;
  private readonly anyKey: KeyTraits;
  /** Traits of keys in the company of siblings. */
  private readonly accompanied = new Map<string, KeyTraits>();
  /**
   * How many new keys each service may still bring, so that a service whose keys are without end leaves the book to the
   * others; and the request in which that was made up last.
   */
  private readonly allowance = new Int32Array(ALLOWANCES).fill(MAX_NEW_KEYS);
  private readonly madeUpIn = new Int32Array(ALLOWANCES);
  private service = 0;
  private request = 0;

  constructor(
    private readonly values: ValueScanner,
    private readonly conventions: ConventionRegistry,
    private readonly sensitiveKeys: SensitiveKeys,
    seed: number,
    readonly ownerKeys: readonly string[] = OWNER_KEYS,
  ) {
    const taken = new Set<string>([...FIELDS, ...RESOURCE_KEYS, ...CODE_KEYS, OVERFLOW]);
    this.resourceKeys = [...RESOURCE_KEYS, ...new Set(ownerKeys.filter((key) => !taken.has(key)))];
    this.firstCodeKey = FIRST_RESOURCE_KEY + this.resourceKeys.length;
    this.keys = new Interner(MAX_KEYS, seed);
    this.names = new Interner(MAX_NAMES, seed ^ 0x3c6ef372);
    this.anyKey = values.keyTraits('');
    this.forget();
  }

  /** Whether new keys or names are counted as overflow already. */
  get full(): boolean {
    return this.keys.full || this.names.full;
  }

  /** Begins a request. */
  begin(): void {
    this.request++;
  }

  /** Says by its hash whose keys come next. */
  enter(serviceHash: number): void {
    this.service = serviceHash & (ALLOWANCES - 1);
    const requests = this.request - this.madeUpIn[this.service]!;
    this.madeUpIn[this.service] = this.request;
    this.allowance[this.service] = Math.min(
      this.allowance[this.service]! + requests * NEW_KEYS_A_REQUEST,
      MAX_NEW_KEYS,
    );
  }

  forget(): void {
    const encoder = new TextEncoder();
    this.allowance.fill(MAX_NEW_KEYS);
    for (const book of [this.keys, this.names]) book.clear();
    this.keyInfos.length = 0;
    this.nameInfos.length = 0;
    this.accompanied.clear();
    this.violationsOf.clear();
    for (const text of [...FIELDS, ...this.resourceKeys, ...CODE_KEYS, OVERFLOW]) {
      const bytes = encoder.encode(text);
      this.key(bytes, 0, bytes.length);
      if (text === OVERFLOW) this.nameId(bytes, 0, bytes.length);
    }
  }

  /** Id of a key; that of the overflow key when the book is full, or the service has brought too many. */
  key(bytes: Uint8Array, start: number, end: number): number {
    const id = this.keys.intern(bytes, start, end, this.allowance[this.service]! > 0);
    if (id < 0) return this.firstCodeKey + CODE_KEYS.length;
    if (id === this.keyInfos.length) {
      this.keyInfos.push(this.learnKey(bytes, start, end));
      this.roles[id] = keyRole(this.keyInfos[id]!.text);
      this.allowance[this.service]!--;
    }
    return id;
  }

  info(key: number): KeyInfo {
    return this.keyInfos[key]!;
  }

  /** What a key means where phrases of siblings stand beside it. */
  traits(key: number, siblings: readonly string[]): KeyTraits {
    const { text, traits } = this.info(key);
    if (siblings.length === 0) return traits;
    const id = `${key} ${siblings.join()}`;
    const known = this.accompanied.get(id);
    if (known !== undefined) return known;
    const made = this.values.keyTraits(text, siblings);
    if (this.accompanied.size < MAX_ACCOMPANIED) this.accompanied.set(id, made);
    return made;
  }

  /** Number of a name; that of the overflow name when the book is full. */
  nameId(bytes: Uint8Array, start: number, end: number): number {
    const id = this.names.intern(bytes, start, end);
    if (id === this.nameInfos.length) this.nameInfos.push(this.learnName(bytes, start, end));
    return id < 0 ? 0 : id;
  }

  nameInfo(id: number): NameInfo {
    return this.nameInfos[id]!;
  }

  name(bytes: Uint8Array, start: number, end: number): NameInfo {
    return this.nameInfos[this.nameId(bytes, start, end)]!;
  }

  private learnKey(bytes: Uint8Array, start: number, end: number): KeyInfo {
    const text = decodeUtf8(bytes.subarray(start, end));
    const matches = this.matchesIn(bytes, start, end);
    const name = storableName(text, matches);
    const isField = this.keyInfos.length < FIRST_RESOURCE_KEY;
    const isOurs = isField || name === OVERFLOW || isOwnKey(name);
    const violations = isOurs ? [] : violationsOf(name, this.conventions);
    const enumValues = isField ? undefined : this.conventions.find(name)?.attribute.values;
    return {
      name,
      text,
      traits: this.values.keyTraits(text),
      sensitive: this.sensitiveKeys.find(text),
      violations,
      enumValues: enumValues === undefined ? null : new Set(enumValues),
      isCanary: text === CANARY_ID,
      matches,
    };
  }

  private matchesIn(bytes: Uint8Array, start: number, end: number): readonly Match[] {
    const found = this.values.scan(this.anyKey, bytes, start, end);
    return found.map(({ match }) => match).sort((a, b) => a.start - b.start);
  }

  /** The rules that a span name violates whatever its kind: found out once for all names of a template. */
  private violations(template: string, hadIds: boolean): readonly string[] {
    const key = hadIds ? `${template}\0` : template;
    const known = this.violationsOf.get(key);
    if (known !== undefined) return known;
    const found = checkSpanName({ template, hadIds }).filter(({ level }) => level === 'violation');
    const violations = found.map(({ id }) => id);
    this.violationsOf.set(key, violations);
    return violations;
  }

  private learnName(bytes: Uint8Array, start: number, end: number): NameInfo {
    const name = storableName(decodeUtf8(bytes.subarray(start, end)), this.matchesIn(bytes, start, end));
    const { template, shapes } = mineSpanName(name);
    const violations = this.violations(template, hasIds(shapes));
    return { name, template, shapes, violations, hash: -1, row: null, rowCell: 0, operation: 0, request: 0 };
  }
}
