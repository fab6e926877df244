import { trace } from '@opentelemetry/api';
import { JaegerRemoteSampler } from '@opentelemetry/sampler-jaeger-remote';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';

/*
 * A program with the OpenTelemetry SDK for Node.js whose sampling is remote: it begins root spans without end, and prints
 * how many of each operation were sampled. The sampler has no way to stop, so it has a process of its own.
 */
const [, , endpoint = '', serviceName = ''] = process.argv;
const SPANS = 2_000;
const OPERATIONS = ['GET /cart', 'GET /other'];

const sampler = new JaegerRemoteSampler({
  ...{ endpoint, serviceName, poolingInterval: 200 },
  initialSampler: new tracing.AlwaysOffSampler(),
});
const spanProcessors = [new tracing.SimpleSpanProcessor(new tracing.InMemorySpanExporter())];
const sdk = new NodeSDK({ sampler, serviceName, autoDetectResources: false, spanProcessors });
sdk.start();

function sampled(operation: string): number {
  const tracer = trace.getTracer('test');
  let count = 0;
  for (let i = 0; i < SPANS; i++) {
    const span = tracer.startSpan(operation, { root: true });
    // Without an end nothing is exported, which is not what this is about.
    if (span.isRecording()) count++;
  }
  return count;
}

setInterval(() => {
  const counts = OPERATIONS.map((operation) => sampled(operation) / SPANS);
  process.stdout.write(`${JSON.stringify(counts)}\n`);
}, 100);
