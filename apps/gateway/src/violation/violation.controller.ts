import { type CallContext, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';

@Controller()
export class ViolationController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'GET',
    path: '/api/governance/violations',
    needs: 'violation.read',
    limit: 'general',
    input: governance.ListViolations,
    answers: { 200: governance.ViolationPage },
    doc: 'What agents broke: contracts, policies, specs, and what detectors found; newest first.',
  })
  listViolations(input: governance.ListViolations, ctx: CallContext): Promise<governance.ViolationPage> {
    return this.bus.call(ctx, governance.violation.list, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/governance/violations/:id',
    needs: 'violation.read',
    limit: 'general',
    input: governance.ViolationRef,
    answers: { 200: governance.ViolationView },
    doc: 'One violation with its evidence and what people made of it.',
  })
  getViolation(input: governance.ViolationRef, ctx: CallContext): Promise<governance.ViolationView> {
    return this.bus.call(ctx, governance.violation.get, input);
  }

  @Endpoint({
    method: 'PATCH',
    path: '/api/governance/violations/:id',
    needs: 'violation.write',
    limit: 'general',
    input: governance.ChangeViolation,
    answers: { 200: governance.ViolationView },
    doc: 'Whose it is, what came of it, by when; accepting it or calling it a false alarm needs a note.',
  })
  changeViolation(input: governance.ChangeViolation, ctx: CallContext): Promise<governance.ViolationView> {
    return this.bus.call(ctx, governance.violation.change, input);
  }
}
