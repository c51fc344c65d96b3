import S3rver, { type ListOptions } from "@20minutes/s3rver";

// A server that speaks as Amazon S3 does, in a process of its own, so that what it holds in memory is not the storage's.
const server = new S3rver({
  port: 0,
  address: "127.0.0.1",
  silent: true,
  directory: process.argv[2] as string,
  configureBuckets: [{ name: "errand", configs: [] }],
  // It leaves out the slash behind a bucket's name, which the client signs as it sends it.
  allowMismatchedSignatures: true,
});

// Its own listing passes over folders that hold nothing but folders, and does not sort by name as S3 does.
const all = server.store.listObjects.bind(server.store);
server.store.listObjects = async (bucket, { prefix = "", delimiter = "", startAfter = "", maxKeys = 1000 }: ListOptions) => {
  const { objects } = await all(bucket, { prefix });
  const keys = objects.filter(({ key }) => key > startAfter).sort((one, other) => (one.key < other.key ? -1 : 1));
  const end = ({ key }: { key: string }): number => (delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length));
  const direct = keys.filter((object) => end(object) < 0);
  const folders = keys.filter((object) => end(object) >= 0).map((object) => object.key.slice(0, end(object) + delimiter.length));
  return { objects: direct.slice(0, maxKeys), commonPrefixes: [...new Set(folders)], isTruncated: direct.length > maxKeys };
};

// Two objects of one key that come at the same time are mixed in its file; S3 keeps the one that ends last.
const put = server.store.putObject.bind(server.store);
const putting = new Map<string, Promise<unknown>>();
server.store.putObject = (object) => {
  const done = (putting.get(object.key) ?? Promise.resolve()).catch(() => undefined).then(() => put(object));
  putting.set(object.key, done);
  return done;
};

const { port } = await server.run();
process.stdout.write(`listening on ${port}\n`);
