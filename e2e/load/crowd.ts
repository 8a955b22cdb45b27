import type { Caller } from '../caller.js';
import type { SuiteProcess } from '../suite-process.js';
import { join } from 'node:path';
import { makeWorkspace } from '../workspace.js';
import { type ChannelName, CHANNELS } from './channels.js';
import { follow, randomOf, type Seen } from './follower.js';

export interface Crowd {
  /** Forced disconnects on each channel. */
  cuts: number;
  /** Followers on each channel, which share the cuts. */
  followers: number;
  seed: number;
}

export type Tally = Seen & { channel: ChannelName; followers: number };

/** About nine frames an action; a follower cuts its line every 15 frames on average. */
const ACTIONS_PER_CUT = 4;

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

/** A person has so many requests a minute, and a stream is one of them. */
const FOLLOWERS_PER_PERSON = 5;

const peopleOf = async (suite: SuiteProcess, count: number): Promise<Caller[]> => {
  const people: Caller[] = [];
  for (let n = 0; n < count; n += 1) people.push(await suite.person(`follower.${n}@example.org`, 'viewer'));
  return people;
};

const add = (a: Seen, b: Seen): Seen => ({
  frames: a.frames + b.frames,
  cuts: a.cuts + b.cuts,
  gaps: a.gaps + b.gaps,
  doubles: a.doubles + b.doubles,
  refusals: [...a.refusals, ...b.refusals],
});

/** A crowd on every channel follows one run while it happens and cuts its lines; what each channel lost or doubled. */
export const followInCrowds = async (suite: SuiteProcess, { cuts, followers, seed }: Crowd): Promise<Tally[]> => {
  const each = Math.ceil(cuts / followers);
  const people = await peopleOf(suite, Math.ceil(followers / FOLLOWERS_PER_PERSON));
  const name = await suite.admin.register(PLAYBOOK);
  const rounds = Array.from({ length: each * ACTIONS_PER_CUT }, (_, round) => round);
  const folder = makeWorkspace(join(suite.workspaces, 'looked-at'), { 'note.txt': 'here' });
  const execution = await suite.admin.submit(name, folder, { playbook: { name, inputs: { rounds } } });
  const names = Object.keys(CHANNELS) as ChannelName[];
  return Promise.all(
    names.map(async (channel, nth) => {
      const all = Array.from({ length: followers }, (_, n) => {
        const target = { url: suite.url, token: people[n % people.length]!.token, execution };
        return follow(CHANNELS[channel], target, each, randomOf(seed + nth * followers + n));
      });
      return { channel, followers, ...(await Promise.all(all)).reduce(add) };
    }),
  );
};
