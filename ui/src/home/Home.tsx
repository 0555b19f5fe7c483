import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { call } from "../api/client";
import { t } from "../words";

/** Home lists the flows. */
export function Home() {
  const { data } = useQuery({ queryKey: ["flows"], queryFn: ({ signal }) => call<{ flows: { id: string; name?: string }[] }>("GET", "/flows", undefined, signal) });
  return (
    <main>
      <h1>{t("app.flows")}</h1>
      <ul>
        {data?.flows.map((f) => (
          <li key={f.id}>
            <Link href={`/flows/${f.id}`}>{f.name ?? f.id}</Link>
          </li>
        ))}
      </ul>
    </main>
  );
}
