import { fields } from '#contracts';

const { Bool, Int, ListOf, OneOf, Text } = fields;

export class Alive {
  @OneOf(['ok']) status!: 'ok';
  @Text() service!: string;
  @Text() version!: string;
}

export class Health extends Alive {
  @Int({ doc: 'Seconds since the process started.' }) uptime!: number;
}

export class ServiceCheck {
  @Text({ doc: '`<service>.<what>`, `executor.database`.' }) name!: string;
  @Bool() ok!: boolean;
}

export class Ready {
  @OneOf(['ready', 'not_ready']) status!: 'ready' | 'not_ready';
  @ListOf(() => ServiceCheck) checks!: ServiceCheck[];
}
