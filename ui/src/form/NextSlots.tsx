import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import { lang, t } from "../words";
import type { Schedule } from "./firings";
import styles from "./form.module.css";

interface Firing {
  slot: string;
  at: string;
  zone: string;
}

/** NextSlots tells when a schedule that is being written would fire next, and for which slots, as the server computes it. */
export function NextSlots({ schedule }: { schedule: Schedule }) {
  const { every, at, cron, zone, missed } = schedule;
  const asked = { schedule: { every, at, cron, zone, missed } };
  const { data, isError } = useQuery({
    queryKey: ["schedule/preview", asked], retry: false, staleTime: 60_000, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => call<{ next: Firing[] }>("POST", "/schedule/preview", asked, signal),
  });
  if (data === undefined || isError) return null; // what is wrong stands at its field
  // The time stands as the zone's clocks show it, so a zone that the browser does not know is none to stumble over.
  const format = (f: Firing) => new Intl.DateTimeFormat(lang(), { timeZone: "UTC", weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(`${f.at.slice(0, 19)}Z`));
  return (
    <div className={styles.box}>
      <p className={styles.hint} id="next-slots">{t("pages.nextIn", { zone })}</p>
      <ul className={styles.times} aria-labelledby="next-slots">
        {data.next.map((f) => (
          <li key={f.slot}><time dateTime={f.at}>{t("pages.nextSlot", { at: format(f), zone: f.zone, slot: f.slot })}</time></li>
        ))}
      </ul>
    </div>
  );
}
