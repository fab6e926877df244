import { Controller, Get, Inject } from '@nestjs/common';
import { PROCESS, type ProcessInfo } from '../tokens.js';
import { API_CONTROLLERS } from './controllers/index.js';
import { openApiDocument } from './openapi.js';
import { Operation } from './operation.js';

@Controller('api/v1/openapi.json')
export class OpenApiController {
  private readonly document: object;

  constructor(@Inject(PROCESS) { version }: ProcessInfo) {
    this.document = openApiDocument(API_CONTROLLERS, version);
  }

  @Get()
  @Operation({ summary: 'The description of this API', access: 'public' })
  get(): object {
    return this.document;
  }
}
