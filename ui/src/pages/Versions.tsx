import { t } from "../words";

/** Versions lists what was published, with what changed, and goes back to one. */
export function Versions({ flow }: { flow: string }) {
  return <h1 id={flow}>{t("app.pageVersions")}</h1>;
}
