import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Config } from '../../config.js';
import { DEFAULT_SET } from '../../engine/model/rollout.js';
import { Metrics } from '../metrics.js';

import { CONFIG } from '../tokens.js';
import { isKnown } from './etag.js';
import { samplingResponse } from './remote-sampling-messages.js';
import { SamplingStrategies } from './sampling-strategies.js';
import { TENANT } from './tenant.js';

const SECONDS = 1000;
/** SDKs that ask at the same time ask again at the same time: connections of a minute would all end at once. */
const KEEP_ALIVE_MS = 75 * SECONDS;

/**
 * Jaeger remote sampling over HTTP, on a port of its own: `GET /sampling?service=…` as Jaeger and the collector's extension
 * answer it. SDKs send no credentials with it, and get none: names of operations and their probabilities.
 */
@Injectable()
export class RemoteSamplingHttp implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Sampling/HTTP');
  private readonly server: FastifyInstance;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly strategies: SamplingStrategies,
    private readonly metrics: Metrics,
  ) {
    this.server = fastify({
      ...{ requestTimeout: 10 * SECONDS, keepAliveTimeout: KEEP_ALIVE_MS, forceCloseConnections: 'idle' as const },
      http: { headersTimeout: 10 * SECONDS },
    });
    this.server.get('/sampling', (request, reply) => this.answer(request, reply));
    this.server.setNotFoundHandler((_request, reply) =>
      reply.code(404).type('text/plain').send('path: not found; GET /sampling?service=NAME\n'),
    );
    this.server.setErrorHandler((error, _request, reply) => this.fail(error, reply));
  }

  /** Where the server listens; null where it does not. */
  get port(): number | null {
    return (this.server.server.address() as { port: number } | null)?.port ?? null;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, samplingHttpPort } = this.config;
    if (samplingHttpPort.port === null) return;
    try {
      await this.server.listen({ host, port: samplingHttpPort.port });
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || samplingHttpPort.isAskedFor) throw error;
      this.log.warn(`port ${samplingHttpPort.port} is taken, so remote sampling is not served; ${REMEDY}`);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.server.close();
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { service } = request.query as { service?: unknown };
    if (typeof service !== 'string' || service === '') {
      this.metrics.samplingFetches.inc({ protocol: 'http', code: '400' });
      return reply.code(400).type('text/plain').send('service: missing or given more than once; one name\n');
    }
    const { etag, strategyOf } = await this.strategies.get(TENANT, DEFAULT_SET);
    const unchanged = isKnown(etag, request.headers['if-none-match']);
    this.metrics.samplingFetches.inc({ protocol: 'http', code: unchanged ? '304' : '200' });
    reply.header('etag', etag).header('cache-control', 'no-cache');
    return unchanged ? reply.code(304).send() : reply.send(samplingResponse(strategyOf(service)));
  }

  private fail(error: unknown, reply: FastifyReply): FastifyReply {
    const { statusCode = 503 } = error as { statusCode?: number };
    if (statusCode >= 500) this.log.error(`not answered: ${error instanceof Error ? error.message : 'unknown error'}`);
    this.metrics.samplingFetches.inc({ protocol: 'http', code: String(statusCode) });
    return reply.code(statusCode).type('text/plain').send('the request cannot be answered\n');
  }
}

const REMEDY = 'set SPANWARDEN_SAMPLING_HTTP_PORT to another one, or to off';
