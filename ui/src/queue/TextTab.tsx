import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { Failure } from "../api/client";
import { bytesOf, type Content } from "../api/queues";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Empty } from "../ds/Empty";
import { Spinner } from "../ds/Spinner";
import { Switch } from "../ds/Switch";
import { Trouble } from "../ds/Trouble";
import { bytes } from "../lib/numbers";
import { t } from "../words";
import { pretty } from "./json";
import styles from "./Content.module.css";

const part = 256 << 10;
const lineHeight = 18;
const longest = 4000;

/** linesOf splits a content's text; JSON, whole or by lines, is indented when asked. */
export function linesOf(text: string, indent: boolean, whole: boolean): string[] {
  const one = indent && whole ? pretty(text) : undefined;
  if (one !== undefined) return one.split("\n");
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return indent ? lines.flatMap((l) => (/^\s*[[{]/.test(l) ? (pretty(l)?.split("\n") ?? [l]) : [l])) : lines;
}

/** TextTab shows a content as text, JSON indented; further parts on demand. */
export function TextTab({ content }: { content: Content }) {
  const say = useText();
  const scroll = useRef<HTMLElement>(null);
  const [indent, setIndent] = useState(true);
  const parts = useInfiniteQuery<Uint8Array, Failure, { pages: Uint8Array[] }, unknown[], number>({
    queryKey: ["text", content.key], staleTime: Infinity, initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => bytesOf(content, pageParam, part, signal),
    getNextPageParam: (_, pages) => (pages.length * part < content.size ? pages.length * part : undefined),
  });
  const pages = parts.data?.pages;
  const shown = pages?.reduce((n, p) => n + p.length, 0) ?? 0;
  const lines = useMemo(() => {
    const decoder = new TextDecoder();
    const text = (pages ?? []).map((p) => decoder.decode(p, { stream: true })).join("");
    return linesOf(text, indent, shown >= content.size);
  }, [pages, indent, shown, content.size]);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroll.current, estimateSize: () => lineHeight, overscan: 20 });
  if (parts.isPending) return <Empty title={t("queue.loading")}><Spinner label={t("queue.loading")} /></Empty>;
  if (parts.data === undefined) return <Trouble text={say(parts.error)} onRetry={() => void parts.refetch()} />;
  if (content.size === 0) return <Empty title={t("queue.noContent")} />;
  return (
    <div className={styles.fill}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <section ref={scroll} className={styles.text} aria-label={t("queue.jsonLines")} tabIndex={0}>
        <div className={styles.lines} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.key} className={styles.line} data-no={item.index + 1} style={{ transform: `translateY(${item.start}px)` }}>
              {(lines[item.index] ?? "").slice(0, longest)}
            </div>
          ))}
        </div>
      </section>
      {parts.error !== null && <Trouble text={say(parts.error)} onRetry={() => void (parts.isFetchNextPageError ? parts.fetchNextPage() : parts.refetch())} />}
      <div className={styles.foot}>
        <span>{t("queue.shownOf", { shown: bytes(shown), size: bytes(content.size) })}</span>
        {parts.hasNextPage && <Button kind="link" size="small" busy={parts.isFetchingNextPage} onClick={() => void parts.fetchNextPage()}>{t("queue.more")}</Button>}
        <span className={styles.gap} />
        <label>{t("queue.prettyOn")} <Switch aria-label={t("queue.prettyOn")} checked={indent} onChange={setIndent} /></label>
      </div>
    </div>
  );
}
