import { useQueries } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import { type Failure } from "../api/client";
import { bytesOf, type Content } from "../api/queues";
import { useText } from "../api/words";
import { Empty } from "../ds/Empty";
import { CommitInput } from "../ds/TextInput";
import { Trouble } from "../ds/Trouble";
import { bytes } from "../lib/numbers";
import { t } from "../words";
import styles from "./Content.module.css";

const across = 16;
const lineHeight = 18;
const pageOf = 16 << 10;
/** A browser cannot scroll through a gigabyte: the view is a window over it. */
const windowOf = 4 << 20;

/** hexLine writes bytes in hexadecimal and as letters. */
export function hexLine(offset: number, line: Uint8Array): [offset: string, hex: string, ascii: string] {
  const hex = Array.from(line, (b) => b.toString(16).padStart(2, "0"));
  const left = hex.slice(0, 8).join(" ");
  const right = hex.slice(8).join(" ");
  const ascii = Array.from(line, (b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : "·")).join("");
  return [offset.toString(16).padStart(8, "0"), `${left.padEnd(23)}  ${right.padEnd(23)}`, ascii];
}

/** HexTab shows bytes; only those in view are fetched. */
export function HexTab({ content }: { content: Content }) {
  const text = useText();
  const scroll = useRef<HTMLElement>(null);
  const [base, setBase] = useState(0);
  const size = Math.min(content.size - base, windowOf);
  const virtual = useVirtualizer({ count: Math.ceil(size / across), getScrollElement: () => scroll.current, estimateSize: () => lineHeight, overscan: 16 });
  const items = virtual.getVirtualItems();
  const from = Math.floor((base + (items[0]?.index ?? 0) * across) / pageOf);
  const to = Math.floor((base + (items.at(-1)?.index ?? 0) * across) / pageOf);
  const wanted = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const pages = useQueries({
    queries: wanted.map((page) => ({
      queryKey: ["hex", content.key, page], staleTime: Infinity,
      queryFn: ({ signal }: { signal: AbortSignal }) => bytesOf(content, page * pageOf, pageOf, signal),
    })),
  });
  const failure = pages.find((p) => p.error !== null)?.error as Failure | undefined;
  if (content.size === 0) return <Empty title={t("queue.noContent")} />;
  const jump = (typed: string) => {
    const n = Math.min(Math.max(Number(typed) || 0, 0), content.size - 1);
    const start = content.size <= windowOf ? 0 : Math.floor(n / across) * across;
    setBase(start);
    virtual.scrollToIndex(Math.floor((n - start) / across), { align: "start" });
  };
  return (
    <div className={styles.fill}>
      {failure !== undefined && <Trouble text={text(failure)} onRetry={() => pages.forEach((p) => void p.refetch())} />}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <section ref={scroll} className={`${styles.text} ${styles.hex}`} aria-label={t("queue.hexRows")} tabIndex={0}>
        <div className={styles.lines} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const at = base + item.index * across;
            const page = pages[Math.floor(at / pageOf) - from]?.data;
            const [offset, hex, ascii] = hexLine(at, page?.subarray(at % pageOf, (at % pageOf) + across) ?? new Uint8Array());
            return (
              <div key={item.key} className={styles.line} style={{ transform: `translateY(${item.start}px)` }}>
                <span className={styles.offset}>{offset}</span>{"  "}{hex}{"  "}<span className={styles.ascii}>{ascii}</span>
              </div>
            );
          })}
        </div>
      </section>
      <div className={styles.foot}>
        <span>{bytes(content.size)}</span>
        <span className={styles.gap} />
        <CommitInput className={styles.jump} aria-label={t("queue.goTo")} placeholder={t("queue.goTo")} value="" onCommit={jump} />
      </div>
    </div>
  );
}
