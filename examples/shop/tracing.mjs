// Sets up OpenTelemetry. Loaded before the service with `node --import ./tracing.mjs <service>.mjs`.
//
// Where spans go and what the service is called come from the standard variables: OTEL_EXPORTER_OTLP_ENDPOINT,
// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';

// LEAK lost-context: accounts was set up when the gateway spoke B3. Nobody else does, so each call begins a trace anew.
if (process.env.OTEL_SERVICE_NAME === 'accounts') process.env.OTEL_PROPAGATORS = 'b3';

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [
    getNodeAutoInstrumentations({
      '@opentelemetry/instrumentation-http': {
        headersToSpanAttributes: {
          // LEAK bearer-header: switched on to find out why customers were logged out, and forgotten.
          server: { requestHeaders: ['authorization'] },
        },
      },
    }),
  ],
});
sdk.start();

/** Sends what is still buffered. */
export const flush = () => sdk.shutdown();
