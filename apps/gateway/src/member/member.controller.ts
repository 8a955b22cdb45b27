import { type CallContext, Nothing } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Endpoint } from '../http/endpoint.js';
import {
  AddMember,
  ChangeMember,
  CreateTeam,
  IssuePassword,
  ListMembers,
  ListTeams,
  MemberPage,
  MemberRef,
  MemberView,
  NewMember,
  TeamPage,
  TeamView,
} from './member.messages.js';
import { MemberService } from './member.service.js';

@Controller()
export class MemberController {
  constructor(private readonly members: MemberService) {}

  @Endpoint({
    method: 'GET',
    path: '/api/teams',
    needs: 'signed_in',
    limit: 'general',
    input: ListTeams,
    answers: { 200: TeamPage },
    doc: "The caller's teams; of a key the one it is for.",
  })
  listTeams(input: ListTeams, ctx: CallContext, reply: FastifyReply): Promise<TeamPage> {
    return this.members.teams(ctx, input, reply.request.caller!.grant.key === null);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/teams',
    needs: 'team.create',
    limit: 'general',
    input: CreateTeam,
    answers: { 201: TeamView },
    doc: 'Makes a team; the caller is its first admin.',
    creates: true,
  })
  createTeam(input: CreateTeam, ctx: CallContext): Promise<TeamView> {
    return this.members.createTeam(ctx, input);
  }

  @Endpoint({
    method: 'GET',
    path: '/api/teams/:team_id/members',
    needs: 'member.read',
    limit: 'general',
    input: ListMembers,
    answers: { 200: MemberPage },
    doc: 'Who is in the team.',
  })
  listMembers(input: ListMembers, ctx: CallContext): Promise<MemberPage> {
    return this.members.list(ctx, input);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/teams/:team_id/members',
    needs: 'member.write',
    limit: 'general',
    input: AddMember,
    answers: { 201: NewMember },
    doc: 'Takes a person into the team. A key gives no role beyond its own, and adds nobody who needs a one-time password.',
    creates: true,
  })
  addMember(input: AddMember, ctx: CallContext, reply: FastifyReply): Promise<NewMember> {
    return this.members.add(ctx, input, reply.request.caller!);
  }

  @Endpoint({
    method: 'PATCH',
    path: '/api/teams/:team_id/members/:user_id',
    needs: 'member.write',
    limit: 'general',
    input: ChangeMember,
    answers: { 200: MemberView },
    doc: "Changes a member's role; a key gives none beyond its own.",
  })
  changeMember(input: ChangeMember, ctx: CallContext, reply: FastifyReply): Promise<MemberView> {
    return this.members.change(ctx, input, reply.request.caller!);
  }

  @Endpoint({
    method: 'POST',
    path: '/api/teams/:team_id/members/:user_id/one-time-password',
    needs: 'member.write',
    bySession: true,
    limit: 'general',
    input: IssuePassword,
    answers: { 201: NewMember },
    doc: 'A new one-time password for a member who cannot sign in; ends their sessions. For somebody who has set their own, or is in another team too, by an installation admin alone.',
    creates: true,
  })
  issuePassword(input: IssuePassword, ctx: CallContext): Promise<NewMember> {
    return this.members.issuePassword(ctx, input);
  }

  @Endpoint({
    method: 'DELETE',
    path: '/api/teams/:team_id/members/:user_id',
    needs: 'member.write',
    limit: 'general',
    input: MemberRef,
    answers: { 204: Nothing },
    doc: 'Takes a person out of the team, at once.',
  })
  removeMember(input: MemberRef, ctx: CallContext): Promise<void> {
    return this.members.remove(ctx, input.user_id);
  }
}
