import { Nothing, type Readiness, type ServiceName, serviceReady } from '#contracts';
import { Handles } from '#messaging';
import { Database } from '#persistence';
import { Controller, type Type } from '@nestjs/common';

/** The handler of `<service>.service.ready.v1`: the database answers, hence the service can work. */
export const readyHandler = (service: ServiceName): Type<unknown> => {
  @Controller()
  class ReadyRpc {
    constructor(private readonly database: Database) {}

    @Handles(serviceReady(service))
    async ready(_input: Nothing): Promise<Readiness> {
      const ok = await this.database.ping().then(
        () => true,
        () => false,
      );
      return { ready: ok, checks: [{ name: 'database', ok }] };
    }
  }
  return ReadyRpc;
};
