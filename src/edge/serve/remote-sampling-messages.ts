import { ProtobufReader } from '../../engine/decode/protobuf-reader.js';
import { ProtobufWriter } from '../../engine/decode/protobuf-writer.js';
import type { JaegerStrategy } from '../../engine/policy/targets/jaeger-remote-sampling.js';

/*
 * jaeger.api_v2.SamplingStrategyResponse (jaeger-idl, proto/api_v2/sampling.proto). Strategies are probabilities only, and
 * the type is said in words: the sampler for JavaScript knows no rate limits and compares words.
 */

interface Probabilistic {
  readonly samplingRate: number;
}

/** The form of it in JSON. */
export interface SamplingResponse {
  readonly strategyType: 'PROBABILISTIC';
  readonly probabilisticSampling: Probabilistic;
  /** Where operations have strategies of their own. */
  readonly operationSampling?: {
    readonly defaultSamplingProbability: number;
    readonly defaultLowerBoundTracesPerSecond: number;
    readonly defaultUpperBoundTracesPerSecond: number;
    readonly perOperationStrategies: readonly {
      readonly operation: string;
      readonly probabilisticSampling: Probabilistic;
    }[];
  };
}

export function samplingResponse({ param, operation_strategies: operations = [] }: JaegerStrategy): SamplingResponse {
  return {
    strategyType: 'PROBABILISTIC',
    probabilisticSampling: { samplingRate: param },
    ...(operations.length > 0 && {
      operationSampling: {
        ...{ defaultSamplingProbability: param, defaultLowerBoundTracesPerSecond: 0 },
        defaultUpperBoundTracesPerSecond: 0,
        perOperationStrategies: operations.map((one) => ({
          operation: one.operation,
          probabilisticSampling: { samplingRate: one.param },
        })),
      },
    }),
  };
}

/** The form of it in protobuf; what is 0 is not written. */
export function encodeSamplingResponse({ probabilisticSampling, operationSampling }: SamplingResponse): Buffer {
  const writer = new ProtobufWriter();
  const probabilistic = (field: number, { samplingRate }: Probabilistic): void => {
    const message = writer.open(field);
    writer.double(1, samplingRate);
    writer.close(message);
  };
  probabilistic(2, probabilisticSampling);
  if (operationSampling !== undefined) {
    const message = writer.open(4);
    writer.double(1, operationSampling.defaultSamplingProbability);
    for (const one of operationSampling.perOperationStrategies) {
      const operation = writer.open(3);
      writer.text(1, one.operation);
      probabilistic(2, one.probabilisticSampling);
      writer.close(operation);
    }
    writer.close(message);
  }
  return Buffer.from(writer.finish());
}

/** `serviceName` of jaeger.api_v2.SamplingStrategyParameters; throws what the decoder of spans throws. */
export function decodeServiceName(bytes: Uint8Array): string {
  const reader = new ProtobufReader(bytes);
  let name = '';
  while (reader.pos < bytes.length) {
    const tag = reader.varint();
    if (tag !== SERVICE_NAME_TAG) {
      reader.skip(tag, bytes.length, [], 'parameters');
      continue;
    }
    const end = reader.messageEnd(bytes.length, 'service_name');
    name = Buffer.from(bytes.subarray(reader.pos, end)).toString('utf8');
    reader.pos = end;
  }
  reader.mustEndAt(bytes.length, 'parameters');
  return name;
}

/** Field 1, with a length. */
const SERVICE_NAME_TAG = 10;
