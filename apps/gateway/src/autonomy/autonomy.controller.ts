import { type CallContext, governance } from '#contracts';
import { Bus } from '#messaging';
import { Controller } from '@nestjs/common';
import { Endpoint } from '../http/endpoint.js';

const KILL_SWITCH = '/api/autonomy/kill-switch';

@Controller()
export class AutonomyController {
  constructor(private readonly bus: Bus) {}

  @Endpoint({
    method: 'GET',
    path: '/api/autonomy/status',
    needs: 'kill.read',
    limit: 'general',
    input: governance.ReadAutonomy,
    answers: { 200: governance.AutonomyStatus },
    doc: 'How far agents go by themselves now: tiers, what waits for people, kill switches, executors.',
  })
  getAutonomy(input: governance.ReadAutonomy, ctx: CallContext): Promise<governance.AutonomyStatus> {
    return this.bus.call(ctx, governance.autonomy.status, input);
  }

  @Endpoint({
    method: 'GET',
    path: KILL_SWITCH,
    needs: 'kill.read',
    limit: 'general',
    input: governance.ListKillSwitches,
    answers: { 200: governance.KillSwitchPage },
    doc: "The team's kill switches and those for every team, newest first, with what is still stopping.",
  })
  listKillSwitches(input: governance.ListKillSwitches, ctx: CallContext): Promise<governance.KillSwitchPage> {
    return this.bus.call(ctx, governance.killSwitch.list, input);
  }

  @Endpoint({
    method: 'POST',
    path: KILL_SWITCH,
    needs: 'kill.write',
    limit: 'stop',
    input: governance.EngageKillSwitch,
    answers: { 201: governance.KillSwitchView },
    doc: 'Stops agents: nothing new of the scope begins later than 0.5 s after the answer, what runs is cancelled, approvals are withdrawn. Confirmed once all of that is done.',
    creates: true,
  })
  engageKillSwitch(input: governance.EngageKillSwitch, ctx: CallContext): Promise<governance.KillSwitchView> {
    return this.bus.call(ctx, governance.killSwitch.engage, input);
  }

  @Endpoint({
    method: 'DELETE',
    path: KILL_SWITCH,
    needs: 'kill.write',
    limit: 'stop',
    input: governance.ReleaseKillSwitch,
    answers: { 200: governance.KillSwitchView },
    doc: 'Releases a switch by stages: 10 % of the runs are let in, then half, then all. What was cancelled stays so.',
  })
  releaseKillSwitch(input: governance.ReleaseKillSwitch, ctx: CallContext): Promise<governance.KillSwitchView> {
    return this.bus.call(ctx, governance.killSwitch.release, input);
  }
}
