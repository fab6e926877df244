import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type Problem, problem } from '../../engine/problem.js';
import type { ProblemDocument } from './contract.js';

/** An answer that is an error: a status, and every problem of the request. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly problems: readonly Problem[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

export function notFound(what: string): ApiError {
  return new ApiError(404, 'not-found', `${what}: not found`);
}

/** Reads a part of a request; all problems at once, with places and what is allowed, never with values. */
export function read<T extends z.ZodType>(schema: T, value: unknown, part: string): z.infer<T> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw invalid(problemsOf(result.error, part));
}

/** The refusal of a request for what is wrong in it. */
export function invalid(problems: readonly Problem[]): ApiError {
  return new ApiError(400, 'invalid-request', 'the request has fields that are not valid', problems);
}

/** What a schema complains of, as problems. */
export function problemsOf(error: z.ZodError, part: string): Problem[] {
  return error.issues.flatMap((issue) => {
    const place = [part, ...issue.path.map(String)].join('.');
    if (issue.code !== 'unrecognized_keys') return [problem('invalid', place, 'not valid', allowed(issue))];
    return issue.keys.map((key) => problem('unknown', `${place}.${key.slice(0, 64)}`, 'not a field', allowed(issue)));
  });
}

function allowed(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return `a ${issue.expected}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'invalid_format':
      return `the format ${issue.format}`;
    default:
      return 'see the API description';
  }
}

/** Turns everything that is thrown into RFC 9457 problem details. What nobody foresaw is logged and not told. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('API');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const known = this.known(error);
    if (known === null) {
      this.log.error(
        `${request.method} ${request.url.split('?')[0]}: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
    }
    const { status, code, detail, problems, headers } =
      known ?? new ApiError(500, 'internal', 'something went wrong here');
    const document: ProblemDocument = {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
      code,
      errors: problems.map(({ where, code: c, what, allowed: a }) => ({ where, code: c, what, allowed: a })),
    };
    reply.code(status).headers(headers).type('application/problem+json').send(JSON.stringify(document));
  }

  private known(error: unknown): ApiError | null {
    if (error instanceof ApiError) return error;
    if (error instanceof HttpException && error.getStatus() < 500) {
      const status = error.getStatus();
      return new ApiError(status, 'http', status === 404 ? 'path: not found' : 'the request cannot be read');
    }
    const { statusCode } = error as { statusCode?: number };
    return statusCode !== undefined && statusCode < 500
      ? new ApiError(statusCode, 'http', 'the request cannot be read')
      : null;
  }
}
