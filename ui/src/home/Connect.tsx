import { t } from "../words";

/** Connect leads from nothing to a verified flow on one's own Google project. */
export function Connect() {
  return <h1>{t("app.name")}</h1>;
}
