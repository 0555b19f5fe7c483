import { t } from "../words";

/** Settings are the server's: secrets, tokens, what was done, and how it does. */
export function Settings({ page }: { page: string | undefined }) {
  return <h1 id={page}>{t("app.settings")}</h1>;
}
