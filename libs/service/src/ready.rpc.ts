import { Nothing, type Readiness, type ServiceName, serviceReady } from '#contracts';
import { Bus, Handles } from '#messaging';
import { Database } from '#persistence';
import { Controller, type Type } from '@nestjs/common';

const ANSWER_MS = 500;

/** The handler of `<service>.service.ready.v1`: the database answers and the stream is there, hence the service can work. */
export const readyHandler = (service: ServiceName): Type<unknown> => {
  @Controller()
  class ReadyRpc {
    constructor(
      private readonly database: Database,
      private readonly bus: Bus,
    ) {}

    @Handles(serviceReady(service))
    async ready(_input: Nothing): Promise<Readiness> {
      const [database, stream] = await Promise.all([
        this.database.ping().then(
          () => true,
          () => false,
        ),
        this.bus.hasStream(ANSWER_MS),
      ]);
      return {
        ready: database && stream,
        checks: [
          { name: 'database', ok: database },
          { name: 'stream', ok: stream },
        ],
      };
    }
  }
  return ReadyRpc;
};
