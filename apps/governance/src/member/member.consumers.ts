import { gateway } from '#contracts';
import { type Heard, Hears } from '#messaging';
import type { Tx } from '#persistence';
import { Injectable } from '@nestjs/common';
import { MemberRepository } from './member.repository.js';

@Injectable()
export class MemberConsumers {
  constructor(private readonly members: MemberRepository) {}

  @Hears(gateway.memberChanged)
  async memberChanged(heard: Heard<gateway.MemberChanged>, tx: Tx): Promise<void> {
    await this.members.apply(tx, heard.team, heard.version, heard.body);
  }
}
