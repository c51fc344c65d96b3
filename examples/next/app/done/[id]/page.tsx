import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { errand, web } from "../../year-export.ts";

export default async function Done({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const run = await errand.get((await params).id);
  const { owner } = await web.visitor(new Request("http://localhost/", { headers: await headers() }));
  if (!run || run.owner !== owner) notFound();
  const [file] = await errand.artifacts.list([run.id]);
  return <p>{file && <a href={web.downloadUrl(file)}>Download {file.name}</a>}</p>;
}
