declare module "@20minutes/s3rver" {
  import type { AddressInfo } from "node:net";

  export interface ListOptions {
    prefix?: string;
    delimiter?: string;
    startAfter?: string;
    maxKeys?: number;
  }

  interface Listing {
    objects: { key: string }[];
    commonPrefixes: string[];
    isTruncated: boolean;
  }

  export default class S3rver {
    constructor(options: {
      port: number;
      address: string;
      silent: boolean;
      directory: string;
      configureBuckets: readonly { name: string; configs: readonly string[] }[];
      allowMismatchedSignatures: boolean;
    });
    readonly store: {
      listObjects(bucket: string, options: ListOptions): Promise<Listing>;
      putObject(object: { key: string }): Promise<unknown>;
    };
    run(): Promise<AddressInfo>;
  }
}
