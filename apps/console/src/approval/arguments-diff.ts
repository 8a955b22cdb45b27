import type { Approval } from '#client/browser';
import { createTwoFilesPatch } from 'diff';
import { draftOf } from './edit.rules.js';

const CONTEXT_LINES = 3;

/** A unified diff of arguments as they are read. */
export const argumentsDiff = (before: Approval['arguments'], after: Approval['arguments']): string =>
  createTwoFilesPatch('before', 'after', `${draftOf(before)}\n`, `${draftOf(after)}\n`, undefined, undefined, {
    context: CONTEXT_LINES,
  });
