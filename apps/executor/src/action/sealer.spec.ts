import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sealer } from './sealer.js';

const OURS = '0198f4a0-0000-7000-8000-000000000001';
const THEIRS = '0198f4a0-0000-7000-8000-000000000002';
const broken = expect.objectContaining({ code: 'seal.broken' });

let folder: string;
let keyFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealer-'));
  keyFile = join(folder, 'home', 'key');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('sealed bytes', () => {
  it.each([[{ a: ['ü', 1, null] }], [null], ['text\0'], ['\uD800']])('%j come back as they were', (value) => {
    const sealer = Sealer.open(keyFile);
    expect(sealer.open(OURS, sealer.seal(OURS, value))).toEqual(value);
  });

  it('show nothing of what is in them, and are never the same twice', () => {
    const sealer = Sealer.open(keyFile);
    const [one, other] = [sealer.seal(OURS, 'the very secret'), sealer.seal(OURS, 'the very secret')];
    expect(one.toString('latin1')).not.toContain('secret');
    expect(one.equals(other)).toBe(false);
  });

  it('cannot be opened by another team', () => {
    const sealer = Sealer.open(keyFile);
    const sealed = sealer.seal(OURS, 'x');
    expect(() => sealer.open(THEIRS, sealed)).toThrow(broken);
  });

  it('with any bit flipped, or cut short, are refused', () => {
    const sealer = Sealer.open(keyFile);
    const sealed = sealer.seal(OURS, 'x');
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i]! ^= 1;
      expect(() => sealer.open(OURS, changed)).toThrow(broken);
      expect(() => sealer.open(OURS, sealed.subarray(0, i))).toThrow(broken);
    }
  });

  it('survive a restart, and not another key', () => {
    const sealed = Sealer.open(keyFile).seal(OURS, 'x');
    expect(Sealer.open(keyFile).open(OURS, sealed)).toBe('x');
    rmSync(keyFile);
    expect(() => Sealer.open(keyFile).open(OURS, sealed)).toThrow(broken);
  });
});

describe('the key file', () => {
  it('is made once, for its owner alone, and leaves nothing beside it', () => {
    Sealer.open(keyFile);
    const key = readFileSync(keyFile);
    Sealer.open(keyFile);
    expect(readFileSync(keyFile).equals(key)).toBe(true);
    expect(key).toHaveLength(32);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'home'))).toEqual(['key']);
  });

  it('of another length is refused', () => {
    writeFileSync(join(folder, 'short'), 'too short');
    expect(() => Sealer.open(join(folder, 'short'))).toThrow(expect.objectContaining({ code: 'seal.key_invalid' }));
  });

  it('is the same for processes that open it at the same time', async () => {
    const root = join(import.meta.dirname, '../../../..');
    const script = `
      const { Sealer } = await import(${JSON.stringify(join(import.meta.dirname, 'sealer.ts'))});
      process.stdout.write('ready');
      const at = Number(await new Promise((resolve) => process.stdin.once('data', resolve)));
      while (Date.now() < at);
      process.stdin.unref();
      process.stdout.write(Sealer.open(process.argv[1]).seal('${OURS}', 'x').toString('base64'));`;
    const args = ['--import', join(root, 'scripts/from-source.mjs'), '--input-type=module', '-e', script, keyFile];
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, args, { cwd: root }));
    await Promise.all(children.map((child) => once(child.stdout, 'data')));
    const at = String(Date.now() + 50);
    const sealed = await Promise.all(
      children.map(async (child) => {
        const [said, ended] = [once(child.stdout, 'data'), once(child, 'close')];
        child.stdin.end(at);
        const [bytes] = (await said) as [Buffer];
        await ended;
        return Buffer.from(bytes.toString(), 'base64');
      }),
    );
    const sealer = Sealer.open(keyFile);
    expect(sealed.map((bytes) => sealer.open(OURS, bytes))).toEqual(['x', 'x', 'x', 'x']);
  });
});
