import { RequestMethod, type Type } from '@nestjs/common';
import { z } from 'zod';
import { ProblemDocument } from './contract.js';
import { accessOf, OPERATION, type OperationDescription } from './operation.js';

/** A route as Nest's decorators left it on a controller. */
export interface Route {
  readonly method: string;
  /** In the form of OpenAPI: `/api/v1/findings/{id}`. */
  readonly path: string;
  readonly handler: string;
  readonly description: OperationDescription | undefined;
}

/** Where Nest's decorators keep what they were told. */
const PATH = 'path';
const METHOD = 'method';

export function routesOf(controllers: readonly Type[]): Route[] {
  return controllers.flatMap((controller) => {
    const base = Reflect.getMetadata(PATH, controller) as string;
    return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const handler = controller.prototype[name] as object;
      const path = Reflect.getMetadata(PATH, handler) as string | undefined;
      if (name === 'constructor' || path === undefined) return [];
      const full = `/${[base, path]
        .map((part) => part.replace(/^\/|\/$/g, ''))
        .filter((part) => part !== '')
        .join('/')}`;
      return [
        {
          method: RequestMethod[Reflect.getMetadata(METHOD, handler) as number]!.toLowerCase(),
          path: full.replace(/:(\w+)/g, '{$1}'),
          handler: name,
          description: Reflect.getMetadata(OPERATION, handler) as OperationDescription | undefined,
        },
      ];
    });
  });
}

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of the API, made of what the routes are decorated with. */
export function openApiDocument(controllers: readonly Type[], version: string): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routesOf(controllers)) {
    const operations = (paths[route.path] ??= {});
    operations[route.method] = operation(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'spanwarden',
      version,
      description:
        'Findings, attributes, costs, policies and reports of trace data. Errors are RFC 9457 problem details.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token of /api/v1/tokens, or one of the two that the installation was begun with; `x-spanwarden-access` is the role that each operation needs',
        },
        session: { type: 'apiKey', in: 'cookie', name: 'spanwarden_session' },
      },
    },
  };
}

function operation({ method, path, handler, description }: Route, schemas: Json): Json {
  if (description === undefined) throw new Error(`${path}: no @Operation`);
  const { summary, query, body, status = 200, answer, errors = {}, yaml = false } = description;
  const access = accessOf(description, method);
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const problem = { 'application/problem+json': { schema: reference(ProblemDocument, schemas, 'output') } };
  const failures: Json = {};
  const isOpen = access === 'public' || access === 'local';
  const codes = isOpen ? errors : { 401: 'no token or session', 403: `the role ${access} is needed`, ...errors };
  for (const [code, meaning] of Object.entries(codes)) {
    failures[code] = code === '304' ? { description: meaning } : { description: meaning, content: problem };
  }
  return {
    operationId: operationId(path, handler),
    summary,
    'x-spanwarden-access': access,
    parameters: [...pathParameters, ...(query === undefined ? [] : queryParameters(query))],
    ...(body !== undefined && {
      requestBody: { required: true, content: content(body, schemas, 'input', yaml) },
    }),
    responses: { [status]: success(answer, schemas, yaml), ...failures },
    ...(access === 'public' && { security: [] }),
  };
}

/** Name of an operation, which is also the action in the audit log. */
export function operationId(path: string, handler: string): string {
  const resource = path.replace(/^\/(?:api\/v1\/)?/, '').replace(/\{\w+\}/g, '');
  const words = `${handler} ${resource}`.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
}

function success(answer: OperationDescription['answer'], schemas: Json, yaml: boolean): Json {
  if (answer === undefined) return { description: 'Done' };
  if (typeof answer === 'string') return { description: 'Done', content: { [answer]: { schema: { type: 'string' } } } };
  return { description: 'Done', content: content(answer, schemas, 'output', yaml) };
}

function content(type: z.ZodType, schemas: Json, io: 'input' | 'output', yaml: boolean): Json {
  return {
    'application/json': { schema: reference(type, schemas, io) },
    ...(yaml && { 'application/yaml': { schema: { type: 'string' } } }),
  };
}

function queryParameters(query: z.ZodType): Json[] {
  const schema = z.toJSONSchema(query, { io: 'input' }) as { properties: Record<string, Json>; required?: string[] };
  return Object.entries(schema.properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

/** The JSON Schema of a type; types with an id move to the components and are referred to. */
function reference(type: z.ZodType, schemas: Json, io: 'input' | 'output'): Json {
  const { $schema, $defs, ...schema } = z.toJSONSchema(type, { io }) as Json & { $defs?: Json };
  void $schema;
  const relink = (value: Json): Json =>
    JSON.parse(JSON.stringify(value).replaceAll('#/$defs/', '#/components/schemas/'));
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] = relink(definition as Json);
  const id = schema.id as string | undefined;
  if (id === undefined) return relink(schema);
  schemas[id] = relink(schema);
  return { $ref: `#/components/schemas/${id}` };
}
