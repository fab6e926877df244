/** Names under which Nest hands out what is no class of ours. */
export const CONFIG = Symbol('Config');
export const DATABASE_URL = Symbol('database URL');
export const ANALYSER = Symbol('RequestAnalyser');
export const COMMITS = Symbol('GroupCommit');
export const RULES = Symbol('RuleSet');
export const SECRETS = Symbol('Secrets');
export const PROCESS = Symbol('ProcessInfo');

/** What a running process knows of itself. */
export interface ProcessInfo {
  readonly version: string;
  readonly patternEngine: 're2' | 're2js';
  /** True from when everything is up until the process begins to stop. */
  started(): boolean;
  /** Where spans can be sent to; null where this process does not receive. */
  otlp(): { readonly http: string | null; readonly grpc: string | null };
  /** Of OpAMP over HTTP; null where this process does not serve it. */
  opamp(): string | null;
}
