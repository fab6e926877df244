import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TextGuard } from '../rules/text-guard.js';
import { API_CONTROLLERS } from '../serve/controllers/index.js';
import { operationId, routesOf } from '../serve/openapi.js';
import { type Audit, auditOf } from '../serve/operation.js';
import { TENANT } from '../serve/tenant.js';
import { AnonymousBudget } from './anonymous-budget.js';
import type { AuditDetails, AuditEntry, AuditOutcome } from './audit-entry.js';
import { AuditLog } from './audit-log.js';
import { MASKED } from './checked-entry.js';
import { PendingChanges } from './pending-changes.js';
import { noteOf } from './request-note.js';

interface Action {
  readonly name: string;
  /** `findings/:id/events`. */
  readonly template: string;
  readonly audit: Audit;
}

const PREFIX = '/api/v1/';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Records requests: changes before and after they are made, reads before they are answered. */
@Injectable()
export class RequestAudit {
  private readonly errors = new Logger('Audit');
  private readonly actions: ReadonlyMap<string, Action>;
  private readonly anonymous = new AnonymousBudget();

  constructor(
    private readonly log: AuditLog,
    private readonly pending: PendingChanges,
    private readonly guard: TextGuard,
  ) {
    this.actions = new Map(
      routesOf(API_CONTROLLERS).map(({ method, path, handler, description }) => {
        const url = path.replace(/\{(\w+)\}/g, ':$1');
        const action = { name: operationId(path, handler), template: url.slice(PREFIX.length) };
        return [`${method} ${url}`, { ...action, audit: auditOf(description!, method) }];
      }),
    );
  }

  /** Notes a change before it is made; of what somebody may do whom nobody knows there is a record afterwards only. */
  async begin(request: FastifyRequest): Promise<void> {
    const action = this.actionOf(request);
    if (action?.audit !== 'changes' || request.caller === undefined) return;
    noteOf(request).pending = await this.pending.begin(TENANT, this.entry(request, action, 'unknown'));
  }

  /** Keeps the id of what a request made. */
  made(request: FastifyRequest, answer: unknown): void {
    const id = (answer as { id?: unknown } | null | undefined)?.id;
    if (typeof id === 'string' && UUID.test(id)) noteOf(request).made = id;
  }

  /**
   * Records a request whose answer is ready, if it is to be recorded. False where that failed and the answer must not be
   * given.
   */
  async end(request: FastifyRequest, status: number): Promise<boolean> {
    const action = this.actionOf(request);
    if (action === undefined || !isRecorded(action, request)) return true;
    const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
    const omitted = request.caller === undefined ? this.anonymous.take(Date.now()) : 0;
    if (omitted === null) return true;
    const entry = this.entry(request, action, outcome, {
      ...(outcome !== 'done' && { status }),
      ...(omitted > 0 && { omitted }),
    });
    const pending = request.auditNote?.pending;
    try {
      if (pending === undefined) await this.log.record(TENANT, entry);
      else await this.pending.end(TENANT, pending, entry);
      return true;
    } catch (error) {
      this.errors.error(`${action.name} is not recorded: ${error instanceof Error ? error.message : 'unknown error'}`);
      // A change that was made is noted, and nothing is gained by denying it.
      return pending !== undefined || outcome !== 'done';
    }
  }

  private actionOf({ method, routeOptions }: FastifyRequest): Action | undefined {
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    return this.actions.get(`${verb} ${routeOptions.url ?? ''}`);
  }

  private entry(request: FastifyRequest, action: Action, outcome: AuditOutcome, more: AuditDetails = {}): AuditEntry {
    const { caller, auditNote } = request;
    const token = caller?.tokenId ?? null;
    return {
      actor: caller?.subject ?? 'anonymous',
      action: action.name,
      object: this.objectOf(request, action),
      outcome,
      details: { ...auditNote?.details, ...more, ...(token !== null && { token }) },
    };
  }

  /** `findings/<id>/events`: the route with what stands in its place, masked where a detector finds something in it. */
  private objectOf({ params, auditNote }: FastifyRequest, { template }: Action): string {
    const given = (params ?? {}) as Readonly<Record<string, string>>;
    const parts = template.split('/').map((part) => {
      const value = part.startsWith(':') ? (given[part.slice(1)] ?? '') : null;
      if (value === null) return part;
      const isHarmless = UUID.test(value) || !this.guard.findsIn(TENANT, value);
      return isHarmless ? value.replaceAll('/', '%2F') : MASKED;
    });
    const isOfOne = template.includes(':');
    return [...parts, ...(isOfOne || auditNote?.made === undefined ? [] : [auditNote.made])].join('/');
  }
}

/** What was refused before anybody judged it, such as a body that cannot be read, is no act of somebody. */
function isRecorded({ audit }: Action, { auditNote }: FastifyRequest): boolean {
  if (auditNote === undefined) return false;
  return audit === 'reads' || audit === 'changes' || (audit === 'handler' && auditNote.isRead === true);
}
