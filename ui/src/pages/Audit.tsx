import { useInfiniteQuery } from "@tanstack/react-query";
import { call, path } from "../api/client";
import { Button } from "../ds/Button";
import { Table } from "../ds/Table";
import { lang, t } from "../words";
import styles from "./Page.module.css";

interface Line {
  seq: number | string;
  at: string;
  who: string;
  way?: string;
  action: string;
  flow?: string;
  subject?: string;
}

/** Audit lists who did what, the newest first, page by page. */
export function Audit() {
  const lines = useInfiniteQuery({
    queryKey: ["audit"], initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => call<{ lines: Line[] | null; next?: number }>("GET", path(["audit"], { newest: true, limit: 200, ...(pageParam > 0 && { before: pageParam }) }), undefined, signal),
    getNextPageParam: (page) => page.next,
  });
  const time = new Intl.DateTimeFormat(lang(), { dateStyle: "short", timeStyle: "medium" });
  const list = lines.data?.pages.flatMap((p) => p.lines ?? []) ?? [];
  if (list.length === 0) return <p className={styles.lead}>{t("pages.auditNone")}</p>;
  return (
    <>
    <Table
      label={t("pages.audit")}
      columns={[{ id: "at", head: t("pages.at") }, { id: "who", head: t("pages.by") }, { id: "what", head: t("pages.action") }, { id: "on", head: t("pages.subject") }]}
      rows={list.map((l) => ({ id: String(l.seq), cells: { at: time.format(new Date(l.at)), who: l.way === undefined ? l.who : `${l.who} (${l.way})`, what: l.action, on: [l.flow, l.subject].filter(Boolean).join(" · ") } }))}
    />
    {lines.hasNextPage && <Button size="small" busy={lines.isFetchingNextPage} onClick={() => void lines.fetchNextPage()}>{t("queue.more")}</Button>}
    </>
  );
}
