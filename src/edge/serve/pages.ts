import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The built pages; see `src/ui`. */
const PAGES_DIR = join(import.meta.dirname, '..', '..', '..', 'ui');
/** No script but our own, nothing from elsewhere, in nobody's frame. Mantine sets styles on elements. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/**
 * Serves the pages below `/ui/`, where each path that is no file is a place in the one page, and leads `/` there.
 */
export async function servePages(server: FastifyInstance): Promise<void> {
  server.get('/', (_request, reply) => reply.redirect('/ui/'));
  if (!existsSync(PAGES_DIR)) {
    server.get('/ui/*', (_request, reply) =>
      reply.code(503).type('text/plain').send('The pages are not built: npm run build\n'),
    );
    return;
  }
  await server.register(
    async (scope) => {
      await scope.register(fastifyStatic, {
        root: PAGES_DIR,
        prefix: '/',
        index: ['index.html'],
        cacheControl: false,
        setHeaders,
      });
      scope.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
        const isPage = request.method === 'GET' && !/\/assets\/|\.\w+$/.test(request.url.split('?')[0]!);
        if (!isPage) return reply.code(404).type('text/plain').send('not found\n');
        return reply
          .header('cache-control', 'no-cache')
          .header('content-security-policy', POLICY)
          .sendFile('index.html');
      });
    },
    { prefix: '/ui' },
  );
}

/** Files with a hash in their name never change; the page that names them does. */
function setHeaders(reply: { header(name: string, value: string): unknown }, path: string): void {
  const forever = /[\\/]assets[\\/]/.test(path);
  reply.header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
  reply.header('content-security-policy', POLICY);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
}
