import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { DataSource } from 'typeorm';
import { WebSocket } from 'ws';
import type { Config } from '../../src/config.js';
import { Callers } from '../../src/edge/auth/callers.js';
import { Senders } from '../../src/edge/auth/senders.js';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { Metrics } from '../../src/edge/metrics.js';
import { Agents } from '../../src/edge/opamp/agents.js';
import { Inventory } from '../../src/edge/opamp/inventory.js';
import { OPAMP_PATH, OpampServer } from '../../src/edge/opamp/opamp-server.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { CustomerRules } from '../../src/edge/rules/customer-rules.js';
import { TextGuard } from '../../src/edge/rules/text-guard.js';
import type { PolicySets } from '../../src/edge/serve/policy-sets.js';
import { PostgresAccessTokenStore } from '../../src/edge/store/access-token-store.js';
import { PostgresCollectorStore } from '../../src/edge/store/collector-store.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import type { CollectorRow } from '../../src/edge/store/entities/collectors.js';
import { PostgresExclusionStore } from '../../src/edge/store/exclusion-store.js';
import { PostgresRuleStore } from '../../src/edge/store/rule-store.js';
import { PostgresSessionStore } from '../../src/edge/store/session-store.js';
import { newHome } from './service.js';

/** A token of collectors. */
export const TOKEN = 'collector-token-of-tests';

/** What stands in the place of policies: a text that tests set. */
class SetText {
  private text: string | null = null;
  private readonly listeners = new Set<() => void>();

  set(text: string | null): string {
    this.text = text;
    for (const listener of this.listeners) listener();
    return text === null ? '' : hash('sha256', text, 'hex');
  }

  async forCollector(): Promise<unknown> {
    if (this.text === null) return null;
    return {
      name: 'default',
      yaml: this.text,
      hash: hash('sha256', this.text, 'hex'),
      policies: [{ id: 'x', version: 1 }],
    };
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** The OpAMP server on a real database, and a text in the place of policies. */
export class TestOpamp {
  readonly policies = new SetText();
  readonly store: PostgresCollectorStore;
  port = 0;
  private server: OpampServer | null = null;
  private agents: Agents | null = null;
  inventory!: Inventory;

  private constructor(
    private readonly home: string,
    private readonly postgres: EmbeddedPostgres,
    readonly dataSource: DataSource,
    private readonly guard: TextGuard,
    private readonly rules: CustomerRules,
  ) {
    this.store = new PostgresCollectorStore(dataSource);
  }

  static async start(): Promise<TestOpamp> {
    const home = newHome();
    const postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
    const dataSource = await makeDataSource(postgres.url).initialize();
    await migrate(dataSource);
    const { compiler } = patternCompiler();
    const customers = await CustomerRules.start(
      new PostgresRuleStore(dataSource),
      new PostgresExclusionStore(dataSource),
      compiler,
    );
    const guard = new TextGuard(loadRules(RULES_DIR, compiler).rules, customers);
    const opamp = new TestOpamp(home, postgres, dataSource, guard, customers);
    await opamp.startServer();
    return opamp;
  }

  url(scheme: 'ws' | 'http'): string {
    return `${scheme}://127.0.0.1:${this.port}${OPAMP_PATH}`;
  }

  /** Ends the server and starts one that knows what is stored and nothing else, on the same port. */
  async restart(): Promise<void> {
    await this.stopServer();
    await this.startServer();
  }

  async startServer(): Promise<void> {
    const secrets = { adminToken: 'admin-token-of-tests', collectorToken: TOKEN, masterKey: new Uint8Array(32) };
    const tokens = new PostgresAccessTokenStore(this.dataSource);
    const callers = new Callers(secrets, tokens, new PostgresSessionStore(this.dataSource));
    const metrics = new Metrics();
    this.inventory = new Inventory(this.store, metrics);
    this.agents = new Agents(this.inventory, this.policies as unknown as PolicySets, this.guard);
    const config = { host: '127.0.0.1', opampPort: this.port } as Config;
    this.server = new OpampServer(config, this.agents, new Senders(callers), metrics);
    await this.server.onApplicationBootstrap();
    this.port = this.server.port;
  }

  async stopServer(): Promise<void> {
    await this.server!.beforeApplicationShutdown();
    this.agents!.onModuleDestroy();
    await this.inventory.onApplicationShutdown();
  }

  /** What is stored of a collector, with everything that was said so far. */
  async row(id: string): Promise<CollectorRow | null> {
    await this.inventory.flush();
    return this.store.get('default', id);
  }

  async rows(): Promise<CollectorRow[]> {
    await this.inventory.flush();
    return this.dataSource.getRepository<CollectorRow>('CollectorRow').find({ order: { id: 'ASC' } });
  }

  async stop(): Promise<void> {
    await this.stopServer();
    await this.rules.onApplicationShutdown();
    await this.dataSource.destroy();
    await this.postgres.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/*
 * The messages of opamp-spec, for tests: an encoder that shares no code with the server.
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package opamp;
  message AgentToServer {
    bytes instance_uid = 1; uint32 sequence_num = 2; AgentDescription agent_description = 3; uint64 capabilities = 4;
    ComponentHealth health = 5; EffectiveConfig effective_config = 6; RemoteConfigStatus remote_config_status = 7;
    AgentDisconnect agent_disconnect = 9; uint32 flags = 10; AvailableComponents available_components = 14;
    string something_new = 99;
  }
  message AgentDescription { repeated KeyValue identifying_attributes = 1; repeated KeyValue non_identifying_attributes = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; KeyValueList kvlist_value = 6; } }
  message KeyValueList { repeated KeyValue values = 1; }
  message ComponentHealth { bool healthy = 1; fixed64 start_time_unix_nano = 2; string last_error = 3; string status = 4; }
  message EffectiveConfig { AgentConfigMap config_map = 1; }
  message AgentConfigMap { map<string, AgentConfigFile> config_map = 1; }
  message AgentConfigFile { bytes body = 1; string content_type = 2; }
  message RemoteConfigStatus { bytes last_remote_config_hash = 1; int32 status = 2; string error_message = 3; }
  message AgentDisconnect { }
  message AvailableComponents { map<string, ComponentDetails> components = 1; bytes hash = 2; }
  message ComponentDetails { repeated KeyValue metadata = 1; map<string, ComponentDetails> sub_component_map = 2; }
  message ServerToAgent {
    bytes instance_uid = 1; ServerErrorResponse error_response = 2; AgentRemoteConfig remote_config = 3;
    uint32 flags = 6; uint32 capabilities = 7; AgentIdentification agent_identification = 8;
  }
  message ServerErrorResponse { string error_message = 1; int32 type = 2; RetryInfo retry_info = 3; }
  message RetryInfo { uint64 retry_after_nanoseconds = 1; }
  message AgentRemoteConfig { AgentConfigMap config = 1; bytes config_hash = 2; }
  message AgentIdentification { bytes new_instance_uid = 1; }
`);
const AgentToServer = root.lookupType('opamp.AgentToServer');
const ServerToAgent = root.lookupType('opamp.ServerToAgent');

export const STATUS = { unset: 0, applied: 1, applying: 2, failed: 3 } as const;
/** Status, remote configuration, effective configuration, health, components. */
export const CAN = 0x1 | 0x2 | 0x4 | 0x800 | 0x1000 | 0x4000;

export interface TestMessage {
  readonly instanceUid?: Uint8Array;
  readonly sequenceNum?: number;
  readonly capabilities?: number;
  readonly flags?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly report?: { readonly hash: string; readonly status: keyof typeof STATUS; readonly error?: string };
  readonly effective?: string;
  readonly health?: { readonly healthy: boolean; readonly lastError?: string; readonly status?: string };
  readonly components?: Readonly<Record<string, readonly string[]>>;
  readonly componentsHash?: Uint8Array;
  readonly disconnects?: boolean;
}

export interface TestAnswer {
  readonly instanceUid: Uint8Array;
  readonly errorResponse: {
    errorMessage: string;
    type: number;
    retryInfo: { retryAfterNanoseconds: unknown } | null;
  } | null;
  readonly remoteConfig: {
    configHash: Uint8Array;
    config: { configMap: Record<string, { body: Uint8Array; contentType: string }> };
  } | null;
  readonly flags: number;
  readonly capabilities: number;
  readonly agentIdentification: { newInstanceUid: Uint8Array } | null;
}

export function encodeMessage(message: TestMessage): Uint8Array {
  const { labels, report, effective, health, components, componentsHash, disconnects, ...rest } = message;
  const attributes = Object.entries(labels ?? {}).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return AgentToServer.encode({
    capabilities: CAN,
    somethingNew: 'a field that the server does not know',
    ...rest,
    ...(labels !== undefined && {
      agentDescription: {
        identifyingAttributes: attributes.filter(({ key }) => key.startsWith('service.')),
        nonIdentifyingAttributes: [
          ...attributes.filter(({ key }) => !key.startsWith('service.')),
          { key: 'nested', value: { kvlistValue: { values: attributes } } },
        ],
      },
    }),
    ...(report !== undefined && {
      remoteConfigStatus: {
        lastRemoteConfigHash: Buffer.from(report.hash, 'hex'),
        status: STATUS[report.status],
        errorMessage: report.error ?? '',
      },
    }),
    ...(effective !== undefined && {
      effectiveConfig: { configMap: { configMap: { '': { body: Buffer.from(effective), contentType: 'text/yaml' } } } },
    }),
    ...(health !== undefined && { health: { lastError: '', status: '', ...health } }),
    ...((components !== undefined || componentsHash !== undefined) && {
      availableComponents: {
        hash: componentsHash ?? Uint8Array.of(1),
        components: Object.fromEntries(
          Object.entries(components ?? {}).map(([kind, types]) => [
            kind,
            { subComponentMap: Object.fromEntries(types.map((type) => [type, {}])) },
          ]),
        ),
      },
    }),
    ...(disconnects && { agentDisconnect: {} }),
  }).finish();
}

export function decodeAnswer(bytes: Uint8Array): TestAnswer {
  return ServerToAgent.decode(bytes) as unknown as TestAnswer;
}

export function uid(n: number): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => (i === 6 ? 0x70 : i === 8 ? 0x80 : i === 15 ? n : i + 1));
}

export function idOf(instance: Uint8Array): string {
  return Buffer.from(instance)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The one file of an answer that offers one. */
export function offeredText(answer: TestAnswer): string {
  const files = Object.values(answer.remoteConfig?.config.configMap ?? {});
  return files.map(({ body }) => Buffer.from(body).toString('utf8')).join('\n---\n');
}

/** An agent that says what tests want, over a WebSocket, frame by frame. */
export class RawAgent {
  private readonly frames: Buffer[] = [];
  private readonly waiting: ((frame: Buffer) => void)[] = [];
  readonly closed: Promise<number>;
  sequence = 0;

  private constructor(
    readonly socket: WebSocket,
    readonly instance: Uint8Array,
  ) {
    socket.on('message', (data: Buffer) => {
      const next = this.waiting.shift();
      if (next === undefined) this.frames.push(data);
      else next(data);
    });
    this.closed = new Promise((done) => socket.on('close', done));
  }

  static async connect(url: string, instance: Uint8Array, token: string | null = TOKEN): Promise<RawAgent> {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, { headers });
    const agent = new RawAgent(socket, instance);
    await new Promise<void>((done, failed) => {
      socket.on('open', () => done());
      socket.on('error', failed);
      socket.on('unexpected-response', (_, response) => failed(new Error(String(response.statusCode))));
    });
    return agent;
  }

  /** The next frame, as it came. */
  frame(): Promise<Buffer> {
    const frame = this.frames.shift();
    return frame === undefined ? new Promise((done) => this.waiting.push(done)) : Promise.resolve(frame);
  }

  async next(): Promise<TestAnswer> {
    const frame = await this.frame();
    return decodeAnswer(frame.subarray(frame[0] === 0 ? 1 : 0));
  }

  /** Whether nothing came that nobody took. */
  get isQuiet(): boolean {
    return this.frames.length === 0;
  }

  send(message: TestMessage, header: Uint8Array = Uint8Array.of(0)): void {
    const whole = { instanceUid: this.instance, sequenceNum: this.sequence++, ...message };
    this.socket.send(Buffer.concat([header, encodeMessage(whole)]));
  }

  async ask(message: TestMessage): Promise<TestAnswer> {
    this.send(message);
    return this.next();
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

/** A message by plain HTTP. */
export function post(url: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-protobuf', ...headers },
    body: new Uint8Array(body),
  });
}
