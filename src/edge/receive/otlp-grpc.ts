import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { formatProblem } from '../../engine/problem.js';
import { exportResponse, rpcStatus } from './otlp-messages.js';
import { GRACE_MS, Receiver } from './receiver.js';

const same = (bytes: Buffer): Buffer => bytes;
/** The service of opentelemetry/proto/collector/trace/v1/trace_service.proto; messages stay bytes. */
const TRACE_SERVICE = {
  Export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
} as const;

type Call = ServerUnaryCall<Buffer, Buffer>;

/** OTLP over gRPC, on a port of its own. */
@Injectable()
export class OtlpGrpcReceiver implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('OTLP/gRPC');
  private readonly server: Server;
  port = 0;

  constructor(private readonly receiver: Receiver) {
    this.server = new Server({
      'grpc.max_receive_message_length': receiver.config.maxRequestBytes,
      'grpc.max_concurrent_streams': 100,
      'grpc.keepalive_time_ms': 60_000,
    });
    this.server.addService(TRACE_SERVICE, {
      Export: (call: Call, callback: sendUnaryData<Buffer>) => {
        this.answer(call, callback).catch((error: unknown) => this.fail(error, callback));
      },
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, otlpGrpcPort } = this.receiver.config;
    const address = host.includes(':') ? `[${host}]:${otlpGrpcPort}` : `${host}:${otlpGrpcPort}`;
    this.port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.receiver.close();
    const patience = setTimeout(() => this.server.forceShutdown(), GRACE_MS);
    await new Promise<void>((resolve) => this.server.tryShutdown(() => resolve()));
    clearTimeout(patience);
  }

  private async answer(call: Call, callback: sendUnaryData<Buffer>): Promise<void> {
    const authorization = call.metadata.get('authorization')[0]?.toString();
    if (!(await this.receiver.senders.maySend(peerAddress(call.getPeer()), authorization, false))) {
      const message = 'authorization: missing or wrong; a bearer token, from any address but loopback';
      return this.refuse(callback, status.UNAUTHENTICATED, message);
    }
    if (!this.receiver.open) return this.refuse(callback, status.UNAVAILABLE, 'server: shutting down; send again');
    const bytes = call.request.length;
    if (!this.receiver.admission.enter(bytes)) {
      return this.refuse(callback, status.RESOURCE_EXHAUSTED, 'server: too many requests in work; send again later', 2);
    }
    try {
      const request = { body: call.request, encoding: 'identity', format: 'otlp-protobuf' } as const;
      const receipt = await this.receiver.receive(request, (name) => call.metadata.get(name)[0]?.toString());
      if (receipt.refused !== null) {
        return this.refuse(callback, status.INVALID_ARGUMENT, formatProblem(receipt.problem));
      }
      this.receiver.metrics.requests.inc({ protocol: 'grpc', code: 'OK' });
      callback(null, exportResponse('otlp-protobuf', receipt));
    } finally {
      this.receiver.admission.leave(bytes);
    }
  }

  private fail(error: unknown, callback: sendUnaryData<Buffer>): void {
    this.log.error(`a request could not be taken: ${error instanceof Error ? error.message : 'unknown error'}`);
    this.refuse(callback, status.UNAVAILABLE, 'server: cannot store now; send again', 5);
  }

  /** Senders repeat RESOURCE_EXHAUSTED only when the status says after which time (OTLP specification, throttling). */
  private refuse(callback: sendUnaryData<Buffer>, code: status, details: string, retryAfterSeconds = 0): void {
    this.receiver.metrics.requests.inc({ protocol: 'grpc', code: status[code] });
    const metadata = new Metadata();
    if (retryAfterSeconds > 0) {
      metadata.set('grpc-status-details-bin', rpcStatus('otlp-protobuf', code, details, retryAfterSeconds));
    }
    callback({ code, details, metadata });
  }
}

/** `1.2.3.4:5678` and `[::1]:5678` without the port. */
function peerAddress(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}
