import { type CollectorFacts, NOTHING_KNOWN, withReport } from '../model/collector.js';
import {
  AGENT_CAN,
  type AgentMessage,
  REPORT_AVAILABLE_COMPONENTS,
  REPORT_FULL_STATE,
  type RemoteConfig,
  type ServerMessage,
} from './messages.js';

/** An agent as the server sees it: what is known of it, and where the two are in their talk. */
export interface AgentState {
  readonly facts: CollectorFacts;
  /** Of the last message; null before the first one. */
  readonly sequence: number | null;
  /** Of the message before the sequence broke last, which tells two agents with one id from one that began anew. */
  readonly brokenAt: number | null;
  /** Hash of what was offered since the talk began or broke; '' for nothing. */
  readonly offered: string;
}

export const NEW_AGENT: AgentState = { facts: NOTHING_KNOWN, sequence: null, brokenAt: null, offered: '' };

/** What a message came to, before it is answered. */
export interface Heard {
  readonly state: AgentState;
  /** Of REPORT_FULL_STATE and REPORT_AVAILABLE_COMPONENTS. */
  readonly flags: number;
  /** Messages of two agents come under one id by turns. */
  readonly isTwo: boolean;
}

/** The agent of a store, or of a connection that begins: nothing of the talk before counts. */
export function begin(facts: CollectorFacts): AgentState {
  return { ...NEW_AGENT, facts };
}

/** A connection begins; the sequence goes on where the agent goes on with it. */
export function connected(state: AgentState): AgentState {
  return { ...state, offered: '' };
}

/** Takes a message in. Whatever the sequence says, what came counts. */
export function hear(state: AgentState, message: AgentMessage): Heard {
  const { sequence } = message;
  const follows = state.sequence !== null && sequence === state.sequence + 1;
  const isTwo = !follows && state.brokenAt !== null && sequence === state.brokenAt + 1;
  const isNewBreak = !follows && sequence !== state.sequence;
  const more = message.hasMoreComponents && state.facts.components === null && message.components === null;
  return {
    state: {
      facts: learn(state.facts, message),
      sequence,
      brokenAt: isNewBreak ? state.sequence : state.brokenAt,
      // Where a message was lost its answer may be, too.
      offered: follows ? state.offered : '',
    },
    flags: (follows ? 0 : REPORT_FULL_STATE) | (more ? REPORT_AVAILABLE_COMPONENTS : 0),
    isTwo,
  };
}

/** What an agent repeats is the same as before, so that nothing has to be stored for it. */
function learn(facts: CollectorFacts, message: AgentMessage): CollectorFacts {
  const { description, health, components, report } = message;
  const { labels, version } = description ?? facts;
  const told: Partial<CollectorFacts> = {
    ...(message.capabilities !== 0 && { capabilities: message.capabilities }),
    ...{ labels, version },
    ...(health !== null && {
      health: isSame(facts.health, { ...health, at: facts.health?.at }) ? facts.health : health,
    }),
    ...(components !== null && { components }),
  };
  const isNew = Object.entries(told).some(([name, value]) => !isSame(facts[name as keyof CollectorFacts], value));
  const learnt = isNew ? { ...facts, ...told } : facts;
  return report === null ? learnt : withReport(learnt, report);
}

/** Plain data whose keys come in one order. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** What takes the policies of a collector back that had some: an empty map would stop the collector, this leaves it be. */
export function wanted(facts: CollectorFacts, config: RemoteConfig | null, nothing: RemoteConfig): RemoteConfig | null {
  return config ?? (facts.wantedHash === '' ? null : nothing);
}

/**
 * What an agent is to be offered, and what is known of it then. Nothing is offered to an agent that takes no configuration,
 * that has this one, that could not take it, or to which it was offered and which is at it.
 */
export function offer(
  state: AgentState,
  config: RemoteConfig | null,
): { readonly state: AgentState; readonly remoteConfig: RemoteConfig | null } {
  if (config === null) return { state, remoteConfig: null };
  const { facts, offered } = state;
  const { hash } = config;
  const known = facts.wantedHash === hash ? state : { ...state, facts: { ...facts, wantedHash: hash } };
  const takes = (facts.capabilities & AGENT_CAN.acceptRemoteConfig) !== 0;
  if (!takes || facts.config?.hash === hash || facts.failed.includes(hash) || offered === hash) {
    return { state: known, remoteConfig: null };
  }
  return { state: { ...known, offered: hash }, remoteConfig: config };
}

/** An answer that offers something or nothing. */
export function answer(
  flags: number,
  remoteConfig: RemoteConfig | null,
  newInstance: Uint8Array | null = null,
): ServerMessage {
  return { error: null, flags, remoteConfig, newInstance };
}
