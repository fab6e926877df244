import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { parse } from 'yaml';
import type { CollectorFacts, Labels } from '../../engine/model/collector.js';
import { type AgentState, answer, begin, connected, hear, offer, wanted } from '../../engine/opamp/agent.js';
import type { RemoteConfig, ServerMessage } from '../../engine/opamp/messages.js';
import { driftOf, type EffectiveSlots } from '../../engine/policy/drift.js';
import { TextGuard } from '../rules/text-guard.js';
import { PolicySets } from '../serve/policy-sets.js';
import { TENANT } from '../serve/tenant.js';
import { EffectiveConfigs } from './effective-config.js';
import { Inventory, type Known } from './inventory.js';
import { instanceId, type RawMessage } from './protocol.js';
import { NO_POLICIES } from './remote-config.js';
import { StorableMessages } from './storable-message.js';

/** A connection over which the server can speak first. Several agents may speak over one. */
export interface Link {
  push(instance: Uint8Array, message: ServerMessage): void;
  /** Whether the other end still answers. */
  isAlive(): Promise<boolean>;
  close(): void;
}

/** An agent and the server in talk. */
interface Talk {
  readonly collector: Known;
  readonly instance: Uint8Array;
  session: Omit<AgentState, 'facts'>;
  link: Link | null;
  effective: EffectiveSlots | null;
}

/** Agents that are told of a change before others get their turn. */
const PUSHED_AT_ONCE = 50;

/** What the server says to agents, whatever they speak over. */
@Injectable()
export class Agents implements OnModuleDestroy {
  private readonly log = new Logger('OpAMP');
  private readonly talks = new Map<string, Talk>();
  private readonly byLink = new Map<Link, Set<Talk>>();
  private readonly effective = new EffectiveConfigs();
  private readonly messages: StorableMessages;
  private readonly configs = new Map<string, { readonly config: RemoteConfig; readonly document: unknown }>();
  private readonly unlisten: () => void;
  private pushing: Promise<void> | null = null;
  private pushAgain = false;

  constructor(
    private readonly inventory: Inventory,
    private readonly sets: PolicySets,
    guard: TextGuard,
  ) {
    this.messages = new StorableMessages(guard, TENANT);
    this.unlisten = sets.onChange(() => this.changed());
    inventory.onForget((id) => this.drop(id));
  }

  onModuleDestroy(): void {
    this.unlisten();
  }

  /**
   * Takes a message in and gives the answer.
   *
   * @param link what it came over; null for a request of its own
   */
  async receive(raw: RawMessage, link: Link | null): Promise<ServerMessage> {
    let newInstance = raw.wantsInstance || (await this.isTaken(raw, link)) ? newUid() : null;
    let talk = await this.talk(newInstance ?? raw.instance, link);
    const message = this.messages.message(raw, Date.now());
    let heard = hear(stateOf(talk), message);
    if (heard.isTwo && link === null && newInstance === null) {
      newInstance = newUid();
      talk = await this.talk(newInstance, link);
      heard = hear(stateOf(talk), message);
    }
    this.put(talk, heard.state, Date.now());
    if (message.disconnects) {
      this.inventory.gone(talk.collector, Date.now());
      this.drop(talk.collector.id);
      return answer(0, null);
    }
    const config = newInstance === null ? await this.offered(talk) : null;
    if (raw.effective !== null) {
      this.effective.read(talk.collector.id, raw.effective, (slots) => {
        talk.effective = slots;
        this.compare(talk);
      });
    }
    return answer(heard.flags, config, newInstance);
  }

  /** A connection ended: its agents are silent from now on, and gone if they stay so. */
  ended(link: Link): void {
    for (const talk of this.byLink.get(link) ?? []) talk.link = null;
    this.byLink.delete(link);
  }

  /** The other end of a connection is there, whether or not its agents have something to say. */
  alive(link: Link): void {
    for (const { collector } of this.byLink.get(link) ?? []) {
      this.inventory.seen(collector, collector.facts, Date.now());
    }
  }

  /** Whether an id is that of another agent, which is there. A connection that is dead is given up. */
  private async isTaken(raw: RawMessage, link: Link | null): Promise<boolean> {
    const other = this.talks.get(instanceId(raw.instance))?.link ?? null;
    if (other === null || other === link) return false;
    if (await other.isAlive()) return true;
    this.ended(other);
    other.close();
    return false;
  }

  private async talk(instance: Uint8Array, link: Link | null): Promise<Talk> {
    const id = instanceId(instance);
    const collector = await this.inventory.of(id, 'opamp');
    let talk = this.talks.get(id);
    if (talk === undefined || talk.collector !== collector) {
      const session = begin(collector.facts);
      talk = { collector, instance: Uint8Array.from(instance), session, link: null, effective: null };
      this.talks.set(id, talk);
    }
    this.attach(talk, link);
    collector.kind = 'opamp';
    collector.transport = link === null ? 'http' : 'websocket';
    collector.intervalSeconds = HEARTBEAT_SECONDS;
    return talk;
  }

  private attach(talk: Talk, link: Link | null): void {
    if (talk.link === link) return;
    if (talk.link !== null) {
      const others = this.byLink.get(talk.link);
      if (others?.delete(talk) && others.size === 0) this.byLink.delete(talk.link);
    }
    talk.link = link;
    talk.session = connected(stateOf(talk));
    if (link === null) return;
    const talks = this.byLink.get(link) ?? new Set();
    this.byLink.set(link, talks.add(talk));
  }

  private drop(id: string): void {
    const talk = this.talks.get(id);
    if (talk !== undefined) this.attach(talk, null);
    this.talks.delete(id);
  }

  private put(talk: Talk, { facts, ...session }: AgentState, at: number): void {
    talk.session = session;
    this.inventory.seen(talk.collector, facts, at);
  }

  /** What an agent is offered now, which is on record then. */
  private async offered(talk: Talk): Promise<RemoteConfig | null> {
    const config = await this.configFor(talk.collector.facts.labels);
    if (config === undefined) return null;
    const before = talk.collector.facts.wantedHash;
    const { state, remoteConfig } = offer(stateOf(talk), wanted(talk.collector.facts, config, NO_POLICIES));
    this.put(talk, state, talk.collector.seenAt);
    if (state.facts.wantedHash !== before) this.compare(talk);
    return remoteConfig;
  }

  /** Undefined where nobody can say now: then nothing changes. */
  private async configFor(labels: Labels): Promise<RemoteConfig | null | undefined> {
    try {
      const set = await this.sets.forCollector(TENANT, labels);
      if (set === null) return null;
      return this.known(set.hash, set.yaml).config;
    } catch {
      return undefined;
    }
  }

  private known(hash: string, text: string) {
    let known = this.configs.get(hash);
    if (known === undefined) {
      known = { config: { hash, text }, document: parse(text) as unknown };
      if (this.configs.size >= MAX_CONFIGS) this.configs.clear();
      this.configs.set(hash, known);
    }
    return known;
  }

  /** Whether the slots that an agent runs are what they are to be. */
  private compare(talk: Talk): void {
    const { collector, effective } = talk;
    const { facts } = collector;
    if (this.talks.get(collector.id) !== talk) return;
    const served = this.configs.get(facts.wantedHash)?.document;
    const drift = effective === null || served === undefined ? null : driftOf(served, effective);
    if (JSON.stringify(drift) === JSON.stringify(facts.drift)) return;
    this.inventory.seen(collector, { ...facts, drift }, collector.seenAt);
  }

  private changed(): void {
    this.pushAgain = true;
    this.pushing ??= this.pushAll().finally(() => {
      this.pushing = null;
    });
  }

  /** Offers what is new to all agents that listen. */
  private async pushAll(): Promise<void> {
    while (this.pushAgain) {
      this.pushAgain = false;
      let pushed = 0;
      for (const talk of [...this.talks.values()]) {
        if (talk.link === null) continue;
        const config = await this.offered(talk);
        if (config === null) continue;
        talk.link?.push(talk.instance, answer(0, config));
        pushed++;
        if (pushed % PUSHED_AT_ONCE === 0) await turn();
      }
      if (pushed > 0) this.log.log(`offered changed policies to ${pushed} ${pushed === 1 ? 'agent' : 'agents'}`);
    }
  }
}

const HEARTBEAT_SECONDS = 30;
const MAX_CONFIGS = 500;

function stateOf({ session, collector }: Talk): AgentState {
  const { facts }: { readonly facts: CollectorFacts } = collector;
  return { ...session, facts };
}

/** A UUID version 7 (RFC 9562 §5.7), as its 16 bytes. */
function newUid(): Uint8Array {
  const uid = randomBytes(16);
  uid.writeUIntBE(Date.now(), 0, 6);
  uid[6] = (uid[6]! & 0x0f) | 0x70;
  uid[8] = (uid[8]! & 0x3f) | 0x80;
  return uid;
}
