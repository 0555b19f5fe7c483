import { icons } from "../commandpalette/icons";
import { Button } from "../ds/Button";
import { IconButton } from "../ds/IconButton";
import { commandOf } from "../editor/commands/all";
import type { Context } from "../editor/commands/command";
import { useCommands } from "../editor/commands/context";
import { t } from "../words";
import styles from "./several.module.css";

const deeds = ["start", "stop", "once", "enable", "disable", "verify", "group", "duplicate", "delete"];
const places = ["align-left", "align-centre", "align-right", "align-top", "align-middle", "align-bottom", "distribute-h", "distribute-v", "snap", "tidy"];

function Icon({ name }: { name: string }) {
  const Drawn = icons[name];
  return Drawn === undefined ? null : <Drawn size={15} aria-hidden="true" />;
}

const fits = (ctx: Context, ids: readonly string[]) => ids.map(commandOf).filter((c) => c.enabled(ctx));

/** SeveralDeeds is what can be done with all that is selected: the commands that fit now. */
export function SeveralDeeds() {
  const ctx = useCommands();
  if (ctx === undefined) return null;
  return (
    <>
      <section>
        <h3 className={styles.heading}>{t("inspector.severalDo")}</h3>
        <div className={styles.deeds}>
          {fits(ctx, deeds).map((c) => (
            <Button key={c.id} size="small" kind={c.id === "delete" ? "danger" : "plain"} title={c.keys[0]} icon={<Icon name={c.icon} />} onClick={() => void c.run(ctx)}>{t(c.name)}</Button>
          ))}
        </div>
      </section>
      <section>
        <h3 className={styles.heading}>{t("inspector.severalArrange")}</h3>
        <div className={styles.places} role="toolbar" aria-label={t("inspector.severalArrange")}>
          {fits(ctx, places).map((c) => <IconButton key={c.id} label={t(c.name)} onClick={() => void c.run(ctx)}><Icon name={c.icon} /></IconButton>)}
        </div>
      </section>
    </>
  );
}
