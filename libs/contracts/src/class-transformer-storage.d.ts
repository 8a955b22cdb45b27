declare module 'class-transformer/cjs/storage.js' {
  export const defaultMetadataStorage: {
    /** What `@Type` says about a field, of the class or those it extends. */
    findTypeMetadata(target: new () => object, field: string): { typeFunction(): new () => object } | undefined;
  };
}
