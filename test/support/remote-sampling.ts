import { Client, credentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/* The messages of jaeger.api_v2 that remote sampling needs, for tests: a codec that shares no code with the server's. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  package jaeger.api_v2;
  enum SamplingStrategyType { PROBABILISTIC = 0; RATE_LIMITING = 1; }
  message ProbabilisticSamplingStrategy { double samplingRate = 1; }
  message RateLimitingSamplingStrategy { int32 maxTracesPerSecond = 1; }
  message OperationSamplingStrategy { string operation = 1; ProbabilisticSamplingStrategy probabilisticSampling = 2; }
  message PerOperationSamplingStrategies {
    double defaultSamplingProbability = 1;
    double defaultLowerBoundTracesPerSecond = 2;
    repeated OperationSamplingStrategy perOperationStrategies = 3;
    double defaultUpperBoundTracesPerSecond = 4;
  }
  message SamplingStrategyResponse {
    SamplingStrategyType strategyType = 1;
    ProbabilisticSamplingStrategy probabilisticSampling = 2;
    RateLimitingSamplingStrategy rateLimitingSampling = 3;
    PerOperationSamplingStrategies operationSampling = 4;
  }
  message SamplingStrategyParameters { string serviceName = 1; }
`,
  { keepCase: true },
);
const Parameters = root.lookupType('jaeger.api_v2.SamplingStrategyParameters');
const Response = root.lookupType('jaeger.api_v2.SamplingStrategyResponse');
const METHOD = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy';

/** Asks a `SamplingManager` for the strategy of a service; in the form of protobuf's JSON, with numbers that are 0. */
export async function askGrpc(address: string, service: string | Buffer): Promise<Record<string, unknown>> {
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        METHOD,
        (name: string | Buffer) =>
          typeof name === 'string' ? Buffer.from(Parameters.encode({ serviceName: name }).finish()) : name,
        (bytes: Buffer) =>
          Response.toObject(Response.decode(bytes), { enums: String, defaults: true }) as Record<string, unknown>,
        service,
        (error, answer) => (error === null ? resolve(answer!) : reject(error)),
      );
    });
  } finally {
    client.close();
  }
}

/** Without members that are not there. */
export function withoutNulls(answer: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== null));
}
