/** Where programs are looked for, and the little that a child may know of this process's environment. */
export const programPath = process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
