import { Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../health/version.js';

const SESSION =
  'Of a page, set by signing in; over TLS its name begins with `__Host-`. What changes anything also needs the cookie ' +
  '`spectrace_csrf` as the header `X-CSRF-Token`.';

/** The OpenAPI 3.1 document of this application, made when first asked for. */
@Injectable()
export class OpenApi {
  private app: NestFastifyApplication | null = null;
  private made: OpenAPIObject | null = null;

  describes(app: NestFastifyApplication): void {
    this.app = app;
  }

  document(): OpenAPIObject {
    if (!this.app) throw new Error('no application to describe yet');
    this.made ??= SwaggerModule.createDocument(
      this.app,
      new DocumentBuilder()
        .setOpenAPIVersion('3.1.0')
        .setTitle('SpecTrace')
        .setDescription('The control plane for AI agents: predicted, decided, done, verified, undone in one record.')
        .setVersion(VERSION)
        .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
        .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'api_key')
        .addCookieAuth('spectrace_session', { type: 'apiKey', in: 'cookie', description: SESSION }, 'session')
        .build(),
      { operationIdFactory: (_controller, method) => method },
    );
    return this.made;
  }
}
