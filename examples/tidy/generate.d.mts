/** Makes the sample project in `folder`; returns its absolute path. Throws when the folder holds anything else. */
export declare function generate(folder: string): string;
