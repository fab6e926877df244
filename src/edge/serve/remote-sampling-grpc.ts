import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Config } from '../../config.js';
import { Malformed } from '../../engine/decode/protobuf-reader.js';
import { DEFAULT_SET } from '../../engine/model/rollout.js';
import { Metrics } from '../metrics.js';

import { CONFIG } from '../tokens.js';
import { decodeServiceName, encodeSamplingResponse, samplingResponse } from './remote-sampling-messages.js';
import { SamplingStrategies } from './sampling-strategies.js';
import { TENANT } from './tenant.js';

const same = (bytes: Buffer): Buffer => bytes;
/** The service of jaeger-idl, proto/api_v2/sampling.proto; messages stay bytes. */
const SAMPLING_MANAGER = {
  GetSamplingStrategy: {
    path: '/jaeger.api_v2.SamplingManager/GetSamplingStrategy',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
} as const;
const MAX_REQUEST_BYTES = 64 << 10;

type Call = ServerUnaryCall<Buffer, Buffer>;

/** Jaeger remote sampling over gRPC, on a port of its own. */
@Injectable()
export class RemoteSamplingGrpc implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Sampling/gRPC');
  private readonly server = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_concurrent_streams': 100,
    'grpc.keepalive_time_ms': 60_000,
  });
  /** Where the server listens; null where it does not. */
  port: number | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly strategies: SamplingStrategies,
    private readonly metrics: Metrics,
  ) {
    this.server.addService(SAMPLING_MANAGER, {
      GetSamplingStrategy: (call: Call, callback: sendUnaryData<Buffer>) => {
        this.answer(call, callback).catch((error: unknown) => this.fail(error, callback));
      },
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, samplingGrpcPort } = this.config;
    if (samplingGrpcPort.port === null) return;
    const address = `${host.includes(':') ? `[${host}]` : host}:${samplingGrpcPort.port}`;
    try {
      this.port = await new Promise<number>((resolve, reject) => {
        this.server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
          error === null ? resolve(port) : reject(error),
        );
      });
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('EADDRINUSE');
      if (!isTaken || samplingGrpcPort.isAskedFor) throw error;
      this.log.warn(`port ${samplingGrpcPort.port} is taken, so remote sampling is not served; ${REMEDY}`);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    // Answers take no time; connections of SDKs stay open for ever.
    this.server.forceShutdown();
  }

  private async answer(call: Call, callback: sendUnaryData<Buffer>): Promise<void> {
    const service = decodeServiceName(call.request);
    const { strategyOf } = await this.strategies.get(TENANT, DEFAULT_SET);
    this.metrics.samplingFetches.inc({ protocol: 'grpc', code: 'OK' });
    callback(null, encodeSamplingResponse(samplingResponse(strategyOf(service))));
  }

  private fail(error: unknown, callback: sendUnaryData<Buffer>): void {
    if (error instanceof Malformed) {
      this.refuse(callback, status.INVALID_ARGUMENT, `${error.field}: ${error.what}; ${error.allowed}`);
      return;
    }
    this.log.error(`not answered: ${error instanceof Error ? error.message : 'unknown error'}`);
    this.refuse(callback, status.UNAVAILABLE, 'server: cannot read the policies now; ask again');
  }

  private refuse(callback: sendUnaryData<Buffer>, code: status, details: string): void {
    this.metrics.samplingFetches.inc({ protocol: 'grpc', code: status[code] });
    callback({ code, details });
  }
}

const REMEDY = 'set SPANWARDEN_SAMPLING_GRPC_PORT to another one, or to off';
