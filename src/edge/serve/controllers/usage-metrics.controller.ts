import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Operation } from '../operation.js';
import { UsageMetrics } from '../usage-metrics.js';

@Controller()
export class UsageMetricsController {
  constructor(private readonly metrics: UsageMetrics) {}

  @Get('metrics/usage')
  @Operation({
    summary: 'Cost and findings by team for Prometheus, of the month so far; read again once a minute at most',
    answer: 'text/plain',
    access: 'local',
  })
  async usage(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.text(new Date()));
  }
}
