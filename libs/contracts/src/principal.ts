import { PRINCIPAL_KINDS, type PrincipalKind } from './call-context.js';
import { OneOf, Text } from './fields.js';

export class PrincipalView {
  @OneOf(PRINCIPAL_KINDS) kind!: PrincipalKind;
  @Text({ max: 200 }) id!: string;
  @Text({ max: 320, doc: 'What people read.' }) name!: string;
}
