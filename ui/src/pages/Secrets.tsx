import { t } from "../words";

/** Secrets lists the names of the secrets; values are never shown. */
export function Secrets() {
  return <p>{t("pages.secrets")}</p>;
}
