import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { Metrics } from '../../metrics.js';
import { PROCESS, type ProcessInfo } from '../../tokens.js';
import { Operation } from '../operation.js';
import { ApiError } from '../problems.js';

/** For orchestrators and Prometheus; every process serves it, whatever its roles. */
@Controller()
export class HealthController {
  constructor(
    @Inject(PROCESS) private readonly info: ProcessInfo,
    private readonly dataSource: DataSource,
    private readonly metrics: Metrics,
  ) {}

  @Get('livez')
  @Operation({ summary: 'The process runs', answer: 'text/plain', access: 'public' })
  live(): string {
    return 'ok\n';
  }

  @Get('readyz')
  @Operation({
    summary: 'The process can do its work',
    answer: 'text/plain',
    access: 'public',
    errors: { 503: 'it cannot: it starts or stops, or the database does not answer' },
  })
  async ready(): Promise<string> {
    const refused = (why: string): ApiError => new ApiError(503, 'not-ready', why, [], { 'retry-after': '5' });
    if (!this.info.started()) throw refused('process: starting or stopping');
    await this.dataSource.query('SELECT 1').catch(() => {
      throw refused('database: does not answer');
    });
    return 'ok\n';
  }

  @Get('metrics')
  @Operation({ summary: 'Metrics for Prometheus', answer: 'text/plain', access: 'local' })
  async prometheus(@Res() reply: FastifyReply): Promise<void> {
    const { registry } = this.metrics;
    await reply.type(registry.contentType).send(await registry.metrics());
  }
}
