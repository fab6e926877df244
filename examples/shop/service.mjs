// What the three services have in common: an HTTP server whose spans are named by route, spans around work, and an
// orderly end.
import { SpanStatusCode, trace } from '@opentelemetry/api';
import Fastify from 'fastify';
import { flush } from './tracing.mjs';

const tracer = trace.getTracer('shop');

/** A server that names the span of each request after its route, as the semantic conventions ask. */
export function makeServer() {
  const server = Fastify();
  server.addHook('onRequest', async (request) => {
    const route = request.routeOptions.url ?? 'not found';
    const span = trace.getActiveSpan();
    span?.updateName(`${request.method} ${route}`).setAttribute('http.route', route);
    // LEAK deprecated-method: an old dashboard still reads this name; the instrumentation sets http.request.method.
    span?.setAttribute('http.method', request.method);
  });
  server.setErrorHandler((error, _request, reply) => reply.code(error.statusCode ?? 500).send({ error: 'failed' }));
  return server;
}

/** Does `work` in a span; an error is recorded in it and goes on to the caller. */
export function inSpan(name, work) {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Listens on a free port (or PORT), prints the address as JSON, and ends with SIGTERM or with its parent. */
export async function run(server) {
  const port = Number(process.env.PORT ?? 0);
  const url = await server.listen({ host: '127.0.0.1', port });
  console.log(JSON.stringify({ service: process.env.OTEL_SERVICE_NAME, url }));
  const stop = async () => {
    await server.close();
    await flush().catch(() => {});
    process.exit(0);
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, stop);
}

/** Calls another service and gives its answer. */
export async function call(url, options = {}) {
  const headers =
    options.body === undefined ? options.headers : { 'content-type': 'application/json', ...options.headers };
  const response = await fetch(url, { ...options, headers });
  if (!response.ok) throw Object.assign(new Error(`answered ${response.status}`), { statusCode: response.status });
  return response.json();
}
