import type { FastifyInstance } from 'fastify';

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];

/** Lets bodies in that are YAML: they come to routes as text. */
export function acceptYaml(server: FastifyInstance): void {
  server.addContentTypeParser(YAML_TYPES, { parseAs: 'string' }, (_request, body, done) => done(null, body));
}
