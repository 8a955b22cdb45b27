import { Chance } from '#testing';
import { join } from 'node:path';
import { CHANNELS, type ReaderChannel, readWithCuts } from '../../apps/gateway/test/live-readers.fixture.js';
import type { Caller } from '../caller.js';
import type { SuiteProcess } from '../suite-process.js';
import { makeWorkspace } from '../workspace.js';

export interface Crowd {
  /** Forced disconnects on each channel. */
  cuts: number;
  /** Followers on each channel, which share the cuts. */
  followers: number;
  seed: number;
}

/** What one channel carried, against what it should have: each number once and in order. */
export interface Tally {
  channel: ReaderChannel;
  cuts: number;
  frames: number;
  gaps: number;
  doubles: number;
}

const MOST_FRAMES_BETWEEN_CUTS = 30;
/** About nine frames an action; a follower cuts its line every 15 frames on average. */
const ACTIONS_PER_CUT = 4;
/** A person has so many requests a minute, and a stream is one of them. */
const FOLLOWERS_PER_PERSON = 5;

/** Does nothing but look, once a round: frames that come as fast as the engine works. */
const PLAYBOOK = `
apiVersion: playbook/v1
name: look-often
inputs:
  rounds: { type: list, required: true }
steps:
  - id: look
    for_each: \${{ inputs.rounds }}
    max: 1000
    uses: file.list@v1
    with: { path: . }
`;

const peopleOf = async (suite: SuiteProcess, count: number): Promise<Caller[]> => {
  const people: Caller[] = [];
  for (let n = 0; n < count; n += 1) people.push(await suite.person(`follower.${n}@example.org`, 'viewer'));
  return people;
};

const tallyOf = (channel: ReaderChannel, cuts: number, heard: number[][]): Tally => {
  const count = (wrong: (seq: number, before: number) => boolean): number =>
    heard.reduce((sum, seqs) => sum + seqs.filter((seq, n) => wrong(seq, seqs[n - 1] ?? 0)).length, 0);
  return {
    channel,
    cuts,
    frames: heard.flat().length,
    gaps: count((seq, before) => seq > before + 1),
    doubles: count((seq, before) => seq <= before),
  };
};

/** A crowd on every channel follows one run while it happens and cuts its lines; what each channel lost or doubled. */
export const followInCrowds = async (suite: SuiteProcess, { cuts, followers, seed }: Crowd): Promise<Tally[]> => {
  const each = Math.ceil(cuts / followers);
  const people = await peopleOf(suite, Math.ceil(followers / FOLLOWERS_PER_PERSON));
  const name = await suite.admin.register(PLAYBOOK);
  const rounds = Array.from({ length: each * ACTIONS_PER_CUT }, (_, round) => round);
  const folder = makeWorkspace(join(suite.workspaces, 'looked-at'), { 'note.txt': 'here' });
  const execution = await suite.admin.submit(name, folder, { playbook: { name, inputs: { rounds } } });
  return Promise.all(
    CHANNELS.map(async (channel, nth) => {
      let made = 0;
      const heard = Array.from({ length: followers }, (_, n) => {
        const target = { url: suite.url, token: people[n % people.length]!.token, execution };
        const chance = new Chance(seed + nth * followers + n);
        let left = each;
        return readWithCuts(channel, target, () => {
          if (left === 0) return null;
          left -= 1;
          made += 1;
          return Math.ceil(chance.between(0, MOST_FRAMES_BETWEEN_CUTS));
        });
      });
      const all = await Promise.all(heard);
      return tallyOf(channel, made, all);
    }),
  );
};
