import type { Config, ListenPort } from '../config.js';
import { formatProblem, type Problem } from '../engine/problem.js';
import { loadRules, RULES_DIR } from './files/rule-files.js';
import { makeHome, readEndpoints } from './home.js';
import { isFree } from './ports.js';
import { embeddedBinaries } from './postgres/embedded.js';
import { patternCompiler } from './regex/index.js';
import { makeDataSource } from './store/data-source.js';

/** One thing that was looked at. */
export interface Diagnosis {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'problem';
  readonly detail: string;
}

const OLDEST_NODE = [20, 19];

/** Looks at what spanwarden needs on this machine, without changing anything. */
export async function diagnose(config: Config, configProblems: readonly Problem[]): Promise<Diagnosis[]> {
  const running = readEndpoints(config.home);
  return [
    node(),
    ...(configProblems.length === 0
      ? [ok('configuration', 'valid')]
      : configProblems.map((p) => bad('configuration', formatProblem(p)))),
    patterns(),
    rules(),
    home(config),
    await database(config),
    ...(running === null
      ? await ports(config)
      : [ok('service', `runs as process ${running.pid} at ${running.http}, OTLP at ${running.otlpHttp ?? 'no port'}`)]),
  ];
}

function node(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > OLDEST_NODE[0]! || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]!);
  return enough
    ? ok('Node.js', process.version)
    : bad('Node.js', `${process.version}; ${OLDEST_NODE.join('.')} or newer`);
}

function patterns(): Diagnosis {
  if (patternCompiler().name === 're2') return ok('patterns', 'RE2, the native module');
  return {
    what: 'patterns',
    state: 'note',
    detail: 'RE2 in JavaScript, several times slower; install a C++ compiler and run npm ci again',
  };
}

function rules(): Diagnosis {
  const { rules: loaded, problems } = loadRules(RULES_DIR, patternCompiler().compiler);
  if (problems.length > 0) return bad('rules', problems.map(formatProblem).join('; '));
  return ok('rules', `${loaded.detectors.length} detectors, ${loaded.prices.size} price models`);
}

function home({ home: folder }: Config): Diagnosis {
  try {
    makeHome(folder);
    return ok('home', folder);
  } catch (error) {
    return bad('home', `${folder} cannot be made (${(error as NodeJS.ErrnoException).code}); set SPANWARDEN_HOME`);
  }
}

async function database(config: Config): Promise<Diagnosis> {
  if (config.databaseUrl === null) {
    try {
      return ok('database', `embedded PostgreSQL, from ${embeddedBinaries().name}`);
    } catch (error) {
      return bad('database', (error as Error).message);
    }
  }
  const dataSource = makeDataSource(config.databaseUrl, 1);
  try {
    await dataSource.initialize();
    const [server]: { version: string }[] = await dataSource.query(
      "SELECT current_setting('server_version') AS version",
    );
    return ok('database', `PostgreSQL ${server?.version} at DATABASE_URL`);
  } catch (error) {
    return bad('database', `cannot be reached at DATABASE_URL (${(error as NodeJS.ErrnoException).code ?? 'refused'})`);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

async function ports(config: Config): Promise<Diagnosis[]> {
  const { host, httpPort, otlpHttpPort, otlpGrpcPort, opampPort, samplingHttpPort, samplingGrpcPort } = config;
  const wanted = {
    SPANWARDEN_HTTP_PORT: httpPort,
    SPANWARDEN_OTLP_HTTP_PORT: otlpHttpPort,
    SPANWARDEN_OTLP_GRPC_PORT: otlpGrpcPort,
    SPANWARDEN_OPAMP_PORT: opampPort,
  };
  const own = Promise.all(
    Object.entries(wanted).map(async ([name, port]) => {
      const free = await isFree(host, port);
      return free
        ? ok(`port ${port}`, 'free')
        : bad(`port ${port}`, `in use by another program; stop that, or set ${name}`);
    }),
  );
  const sampling = await Promise.all([
    samplingPort(host, 'SPANWARDEN_SAMPLING_HTTP_PORT', samplingHttpPort),
    samplingPort(host, 'SPANWARDEN_SAMPLING_GRPC_PORT', samplingGrpcPort),
  ]);
  return [...(await own), ...sampling.flat()];
}

/** One that nobody asked for is done without where it is in use. */
async function samplingPort(host: string, name: string, { port, isAskedFor }: ListenPort): Promise<Diagnosis[]> {
  if (port === null) return [];
  if (await isFree(host, port)) return [ok(`port ${port}`, 'free')];
  const detail = `in use by another program; stop that, or set ${name}`;
  return [isAskedFor ? bad(`port ${port}`, detail) : { what: `port ${port}`, state: 'note', detail }];
}

function ok(what: string, detail: string): Diagnosis {
  return { what, state: 'ok', detail };
}

function bad(what: string, detail: string): Diagnosis {
  return { what, state: 'problem', detail };
}
