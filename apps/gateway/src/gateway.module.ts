import { ENV, type Platform, PLATFORM } from '#service';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ApprovalController } from './approval/approval.controller.js';
import { AccessChanges } from './auth/access-changes.js';
import { AuthController } from './auth/auth.controller.js';
import { AuthService } from './auth/auth.service.js';
import { Authenticator } from './auth/authenticator.js';
import { Csrf } from './auth/csrf.js';
import { FirstAdmin } from './auth/first-admin.js';
import { SessionKeys } from './auth/session-keys.js';
import { SessionRetentionWorker } from './auth/session-retention.worker.js';
import { BypassController } from './bypass/bypass.controller.js';
import { SessionController } from './auth/session.controller.js';
import { SessionRepository } from './auth/session.repository.js';
import { SessionService } from './auth/session.service.js';
import { openSigningKey, type SigningKey } from './auth/signing-key.js';
import { TicketController } from './auth/ticket.controller.js';
import { TicketService } from './auth/ticket.service.js';
import { Tokens } from './auth/token.js';
import { AutonomyController } from './autonomy/autonomy.controller.js';
import { BudgetController } from './budget/budget.controller.js';
import type { Env } from './env.js';
import { ExecutionController } from './execution/execution.controller.js';
import { ExecutionWaiter } from './execution/execution.waiter.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { DeadlineInterceptor } from './http/deadline.interceptor.js';
import { DoorGuard } from './http/door.guard.js';
import { Limits } from './http/limits.js';
import { OpenApi } from './http/openapi.js';
import { OpenApiController } from './http/openapi.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { KeyDoor } from './key/key-door.js';
import { KeySecrets, openKeyPepper } from './key/key-secrets.js';
import { KeyUsage } from './key/key-usage.js';
import { KeyController } from './key/key.controller.js';
import { KeyRepository } from './key/key.repository.js';
import { KeyService } from './key/key.service.js';
import { Admission } from './live/admission.js';
import { Connections } from './live/connections.js';
import { LiveController } from './live/live.controller.js';
import { LiveServer } from './live/live.server.js';
import { SocketIoServer } from './live/socket-io.server.js';
import { TeamRooms } from './live/team-rooms.js';
import { WsServer } from './live/ws.server.js';
import { LoopController } from './loop/loop.controller.js';
import { MemberController } from './member/member.controller.js';
import { MemberRepository } from './member/member.repository.js';
import { MemberService } from './member/member.service.js';
import { OneTimePasswords } from './member/one-time-password.js';
import { OidcClient } from './oidc/oidc-client.js';
import { OidcSeal } from './oidc/oidc-seal.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcRepository } from './oidc/oidc.repository.js';
import { OidcDoor, OidcService } from './oidc/oidc.service.js';
import { oidcSettings } from './oidc/oidc.settings.js';
import { PlaybookController } from './playbook/playbook.controller.js';
import { PolicyController } from './policy/policy.controller.js';
import { PredictionController } from './prediction/prediction.controller.js';
import { SystemController } from './system/system.controller.js';
import { ViolationController } from './violation/violation.controller.js';
import { UserRepository } from './user/user.repository.js';

const SIGNING_KEY = Symbol('signing key');

@Module({
  controllers: [
    ApprovalController,
    AuthController,
    AutonomyController,
    BudgetController,
    BypassController,
    ExecutionController,
    HealthController,
    KeyController,
    LiveController,
    LoopController,
    MemberController,
    OidcController,
    OpenApiController,
    PlaybookController,
    PolicyController,
    PredictionController,
    SessionController,
    SystemController,
    TicketController,
    ViolationController,
  ],
  providers: [
    { provide: SIGNING_KEY, useFactory: ({ home }: Platform) => openSigningKey(home), inject: [PLATFORM] },
    { provide: Tokens, useFactory: (key: SigningKey) => new Tokens(key), inject: [SIGNING_KEY] },
    {
      provide: OneTimePasswords,
      useFactory: (key: SigningKey) => new OneTimePasswords(key.secretFor('one-time passwords')),
      inject: [SIGNING_KEY],
    },
    { provide: SessionKeys, useFactory: (key: SigningKey) => new SessionKeys(key), inject: [SIGNING_KEY] },
    {
      provide: KeySecrets,
      useFactory: ({ home }: Platform, key: SigningKey) =>
        new KeySecrets(openKeyPepper(home), key.secretFor('api keys')),
      inject: [PLATFORM, SIGNING_KEY],
    },
    {
      provide: OidcDoor,
      useFactory: (env: Env) => {
        const settings = oidcSettings(env);
        return new OidcDoor(settings && new OidcClient(settings));
      },
      inject: [ENV],
    },
    {
      provide: OidcSeal,
      useFactory: (key: SigningKey) => new OidcSeal(key.secretFor('oidc sign-in')),
      inject: [SIGNING_KEY],
    },
    { provide: Limits, useFactory: (env: Env) => new Limits(env), inject: [ENV] },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: DoorGuard },
    { provide: APP_INTERCEPTOR, useClass: DeadlineInterceptor },
    AccessChanges,
    Admission,
    Authenticator,
    AuthService,
    Connections,
    Csrf,
    ExecutionWaiter,
    FirstAdmin,
    HealthService,
    KeyDoor,
    KeyRepository,
    KeyService,
    KeyUsage,
    LiveServer,
    MemberRepository,
    MemberService,
    OidcRepository,
    OidcService,
    OpenApi,
    SessionRepository,
    SessionRetentionWorker,
    SessionService,
    SocketIoServer,
    TeamRooms,
    TicketService,
    UserRepository,
    WsServer,
  ],
})
export class GatewayModule {}
