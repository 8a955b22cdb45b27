import { AppError, digestOf } from '#kernel';
import { parseMessage } from '#contracts';
import { Injectable } from '@nestjs/common';
import { FileDelete, FileList, FileRead, FileWrite } from './file.tools.js';
import { ShellRun } from './shell.tool.js';
import { type Tool, toolId } from './tool.js';

export interface RegisteredTool {
  id: string;
  tool: Tool;
  /** Of everything a caller can see of the tool; part of every action digest. */
  manifest_digest: string;
}

/** The tools there are, by `<name>@v<n>`. */
@Injectable()
export class ToolRegistry {
  private readonly tools = new Map<string, RegisteredTool>(
    [new FileList(), new FileRead(), new FileWrite(), new FileDelete(), new ShellRun()].map((tool) => {
      const { name, version, effects, description } = tool;
      const manifest_digest = digestOf({ name, version, effects, description });
      return [toolId(tool), { id: toolId(tool), tool: tool as unknown as Tool, manifest_digest }];
    }),
  );

  ids(): string[] {
    return [...this.tools.keys()];
  }

  /** @throws AppError `tool.unknown` naming the choices */
  get(id: string): RegisteredTool {
    const found = this.tools.get(id);
    if (!found) throw new AppError('tool.unknown', `There is no tool "${id}"; there are ${this.ids().join(', ')}.`);
    return found;
  }

  /** @throws AppError `tool.unknown`; `input.invalid` with located problems */
  parse(id: string, args: unknown): object {
    return parseMessage(this.get(id).tool.arguments, args);
  }
}
