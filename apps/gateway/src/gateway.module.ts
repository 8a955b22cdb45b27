import { type Platform, PLATFORM } from '#service';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ApprovalController } from './approval/approval.controller.js';
import { AuthController } from './auth/auth.controller.js';
import { AuthService } from './auth/auth.service.js';
import { Authenticator } from './auth/authenticator.js';
import { FirstAdmin } from './auth/first-admin.js';
import { openSigningKey, type SigningKey } from './auth/signing-key.js';
import { Tokens } from './auth/token.js';
import { ExecutionController } from './execution/execution.controller.js';
import { ExecutionWaiter } from './execution/execution.waiter.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { HttpMetrics } from './health/http-metrics.js';
import { DeadlineInterceptor } from './http/deadline.interceptor.js';
import { DoorGuard } from './http/door.guard.js';
import { Limits } from './http/limits.js';
import { OpenApi } from './http/openapi.js';
import { OpenApiController } from './http/openapi.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { LiveServer } from './live/live.server.js';
import { MemberController } from './member/member.controller.js';
import { MemberRepository } from './member/member.repository.js';
import { MemberService } from './member/member.service.js';
import { OneTimePasswords } from './member/one-time-password.js';
import { PlaybookController } from './playbook/playbook.controller.js';
import { PredictionController } from './prediction/prediction.controller.js';
import { UserRepository } from './user/user.repository.js';

const SIGNING_KEY = Symbol('signing key');

@Module({
  controllers: [
    ApprovalController,
    AuthController,
    ExecutionController,
    HealthController,
    MemberController,
    OpenApiController,
    PlaybookController,
    PredictionController,
  ],
  providers: [
    { provide: SIGNING_KEY, useFactory: ({ home }: Platform) => openSigningKey(home), inject: [PLATFORM] },
    { provide: Tokens, useFactory: (key: SigningKey) => new Tokens(key), inject: [SIGNING_KEY] },
    {
      provide: OneTimePasswords,
      useFactory: (key: SigningKey) => new OneTimePasswords(key.secretFor('one-time passwords')),
      inject: [SIGNING_KEY],
    },
    { provide: Limits, useFactory: () => new Limits() },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: DoorGuard },
    { provide: APP_INTERCEPTOR, useClass: DeadlineInterceptor },
    Authenticator,
    AuthService,
    ExecutionWaiter,
    FirstAdmin,
    HealthService,
    HttpMetrics,
    LiveServer,
    MemberRepository,
    MemberService,
    OpenApi,
    UserRepository,
  ],
})
export class GatewayModule {}
