import type { CollectorHealth, ConfigReport, Labels } from '../model/collector.js';

/*
 * What we read and write of OpAMP (opamp-spec, proto/opamp.proto), as plain data. Texts of agents have passed the detectors
 * before they are in here.
 */

/** Bits of AgentCapabilities that we act by. */
export const AGENT_CAN = { acceptRemoteConfig: 0x2, reportRemoteConfig: 0x1000 } as const;
/** AcceptsStatus, OffersRemoteConfig, AcceptsEffectiveConfig. */
export const SERVER_CAPABILITIES = 0x7;
/** Bits of ServerToAgentFlags. */
export const REPORT_FULL_STATE = 0x1;
export const REPORT_AVAILABLE_COMPONENTS = 0x2;

/** AgentToServer. What an agent leaves out is null, and is as it was. */
export interface AgentMessage {
  readonly sequence: number;
  readonly capabilities: number;
  readonly description: { readonly labels: Labels; readonly version: string } | null;
  readonly health: CollectorHealth | null;
  readonly report: ConfigReport | null;
  readonly components: readonly string[] | null;
  /** Whether it has more of its components to tell than it told. */
  readonly hasMoreComponents: boolean;
  readonly disconnects: boolean;
}

/** One file of configuration and what stands for it. */
export interface RemoteConfig {
  /** SHA-256 of the text, in hex: the same that a collector says which was given the text by HTTP. */
  readonly hash: string;
  readonly text: string;
}

/** ServerToAgent, without the id of the agent. */
export type ServerMessage =
  | { readonly error: 'bad-request' | 'unavailable'; readonly what: string }
  | {
      readonly error: null;
      readonly flags: number;
      readonly remoteConfig: RemoteConfig | null;
      /** 16 bytes; null where the agent keeps its id. */
      readonly newInstance: Uint8Array | null;
    };
