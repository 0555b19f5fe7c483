import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import { bytes } from "../lib/numbers";
import { t } from "../words";
import styles from "./Page.module.css";

/** sizes are the facts that are counts of bytes. */
const sizes = /(bytes|heap|rss|free)$/;

const show = (key: string, v: unknown): string => {
  if (typeof v === "number") return sizes.test(key) ? bytes(v) : v.toLocaleString();
  return typeof v === "object" ? JSON.stringify(v) : String(v);
};

function flat(facts: Record<string, unknown>, before = ""): [string, unknown][] {
  return Object.entries(facts).flatMap(([key, v]) => (typeof v === "object" && v !== null && !Array.isArray(v) ? flat(v as Record<string, unknown>, `${before}${key}.`) : [[before + key, v] as [string, unknown]]));
}

/** Server tells how the server does. */
export function Server() {
  const facts = useQuery({ queryKey: ["diagnostics"], refetchInterval: 3000, queryFn: ({ signal }) => call<Record<string, unknown>>("GET", "/diagnostics", undefined, signal) });
  return (
    <>
      <dl className={styles.facts}>
        {facts.data !== undefined && flat(facts.data).map(([key, v]) => (
          <div key={key} className={styles.fact}>
            <dt>{key}</dt>
            <dd>{show(key, v)}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.sub}><a href="/api/docs">{t("pages.apiDocs")}</a></p>
    </>
  );
}
