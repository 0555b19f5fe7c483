import { t } from "../words";

/** App is the whole of the pages. */
export function App() {
  return <h1>{t("app.name")}</h1>;
}
