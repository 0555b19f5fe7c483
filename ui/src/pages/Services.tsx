import type { KindMap } from "../api/kinds";
import { t } from "../words";

/** Services is the page of the flow's Services. */
export function Services({ kinds }: { kinds: KindMap }) {
  return <h1 hidden={kinds.size === 0}>{t("app.pageServices")}</h1>;
}
