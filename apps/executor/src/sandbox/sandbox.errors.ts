import { AppError } from '#kernel';

export const sandboxUnavailable = (reason: string) =>
  new AppError(
    'sandbox.unavailable',
    `Commands cannot be sandboxed on this machine (${reason}): run \`sh scripts/debian.sh\` or \`apt-get install bubblewrap\` (0.8 or newer), and allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, or user.max_user_namespaces above 0).`,
  );

export const sandboxFailed = (reason: string) =>
  new AppError(
    'sandbox.failed',
    `The sandbox could not start the command and nothing was run (${reason}): check that the workspace's owner can reach the folder.`,
  );

export const notStopped = (pid: number) =>
  new AppError(
    'sandbox.not_stopped',
    `Processes of the sandbox (first: ${pid}) are still alive after being killed: look for a hanging file system; their workspace may still change.`,
  );

export const commandInvalid = (message: string) => new AppError('sandbox.command_invalid', message);

export const workspaceInvalid = (workspace: string, reason: string) =>
  new AppError('sandbox.workspace_invalid', `${workspace} cannot be a workspace: ${reason}.`);

export const workspaceOwnedByRoot = (workspace: string) =>
  new AppError(
    'sandbox.workspace_owned_by_root',
    `${workspace} belongs to root, and limits do not bind root: give it to an ordinary user (\`chown -R <user> ${workspace}\`).`,
  );
