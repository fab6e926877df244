import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Observable, tap } from 'rxjs';
import { RequestAudit } from '../audit/request-audit.js';
import type { ProblemDocument } from './contract.js';
import { ApiError } from './problems.js';

/** Notes changes before they are made. Nothing is changed where that cannot be noted. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(private readonly audit: RequestAudit) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    await this.audit.begin(request).catch(() => {
      throw new ApiError(503, UNRECORDED.code, UNRECORDED.detail, [], { 'retry-after': '5' });
    });
    return next.handle().pipe(tap((answer) => this.audit.made(request, answer)));
  }
}

const UNRECORDED: ProblemDocument = {
  type: 'about:blank',
  title: 'Service Unavailable',
  status: 503,
  detail: 'audit log: cannot be written, and this is not answered without; ask again',
  code: 'not-recorded',
  errors: [],
};
/** Headers of the answer that is not given. */
const OF_THE_ANSWER = ['etag', 'set-cookie', 'location', 'content-disposition', 'content-length'];

/** Records requests when their answer is ready and before it is given, whoever made it. */
export function recordRequests(server: FastifyInstance, audit: RequestAudit): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (await audit.end(request, reply.statusCode)) return payload;
    const stream = payload as { destroy?: () => void } | null;
    if (typeof stream?.destroy === 'function') stream.destroy();
    for (const header of OF_THE_ANSWER) reply.removeHeader(header);
    reply.code(503).header('retry-after', '5').type('application/problem+json');
    return JSON.stringify(UNRECORDED);
  });
}
