import type { KindMap } from "../api/kinds";
import { t } from "../words";

/** Parameters is the page of the flow's Parameters. */
export function Parameters({ kinds }: { kinds: KindMap }) {
  return <h1 hidden={kinds.size === 0}>{t("app.pageParameters")}</h1>;
}
