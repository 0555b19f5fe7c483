import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { call, Failure } from "../api/client";
import { useText } from "../api/words";
import { t } from "../words";
import styles from "./Welcome.module.css";

/** Welcome is the first visit: the demo, one's own project, or an empty flow. */
export function Welcome({ onNew }: { onNew: () => void }) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const text = useText();
  const [failure, setFailure] = useState<Failure>();
  const demo = async () => {
    try {
      const { flow } = await call<{ flow: string }>("POST", "/demo", {});
      await queries.invalidateQueries({ queryKey: ["flows"] });
      navigate(`/flows/${flow}`);
    } catch (e) {
      if (e instanceof Failure) setFailure(e);
    }
  };
  const ways = [
    { id: "demo", go: () => void demo() },
    { id: "connect", go: () => navigate("/connect") },
    { id: "empty", go: onNew },
  ] as const;
  return (
    <section className={styles.ways} aria-label={t("home.welcome")}>
      <p className={styles.lead}>{t("home.welcome")}</p>
      {ways.map((w) => (
        <button key={w.id} className={styles.way} onClick={w.go}>
          <strong className={styles.name}>{t(`home.way.${w.id}`)}</strong>
          <span>{t(`home.way.${w.id}.doc`)}</span>
        </button>
      ))}
      {failure !== undefined && <p role="alert">{text(failure)}</p>}
    </section>
  );
}
