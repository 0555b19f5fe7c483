import { useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { useLocation } from "wouter";
import { call, path } from "../api/client";
import { lang, speak, t } from "../words";
import { DeleteDialog } from "./DeleteDialog";
import { ImportDialog } from "../flowfile/ImportDialog";
import { useTheme } from "./theme";
import styles from "./FlowMenu.module.css";

const nextTheme = { system: "light", light: "dark", dark: "system" } as const;
const themeName = { system: "app.themeSystem", light: "app.themeLight", dark: "app.themeDark" } as const;

/** FlowMenu holds what is done to a whole flow, and how the pages look. */
export function FlowMenu({ flow }: { flow: string }) {
  const [theme, setTheme] = useTheme();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [importing, setImporting] = useState<string>();
  const [deleting, setDeleting] = useState(false);
  const pick = () => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".json,application/json";
    input.onchange = async () => setImporting(await input.files?.[0]?.text());
    input.click();
  };
  const duplicate = async () => {
    const id = `${flow}-copy-${Date.now().toString(36)}`;
    await call("POST", path(["flows", flow, "duplicate"]), { id });
    await queries.invalidateQueries({ queryKey: ["flows"] });
    navigate(path(["flows", id]));
  };
  const signOut = async () => {
    await call("DELETE", "/session");
    location.assign("/");
  };
  return (
    <>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className={styles.open} aria-label={t("app.menu")}><MoreHorizontal size={18} /></DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className={styles.menu} align="end" sideOffset={6}>
            <DropdownMenu.Item className={styles.item} asChild><a href={`/api/v1${path(["flows", flow, "file"], { draft: true })}`} download={`${flow}.json`}>{t("app.export")}</a></DropdownMenu.Item>
            <DropdownMenu.Item className={styles.item} onSelect={pick}>{t("app.import")}</DropdownMenu.Item>
            <DropdownMenu.Item className={styles.item} onSelect={() => void duplicate()}>{t("app.duplicate")}</DropdownMenu.Item>
            <DropdownMenu.Item className={styles.item} onSelect={() => setDeleting(true)}>{t("app.delete")}</DropdownMenu.Item>
            <DropdownMenu.Separator className={styles.line} />
            <DropdownMenu.Item className={styles.item} onSelect={() => speak(lang() === "ko" ? "en" : "ko")}>{t("app.language")}</DropdownMenu.Item>
            <DropdownMenu.Item className={styles.item} onSelect={(e) => { e.preventDefault(); setTheme(nextTheme[theme]); }}>{t("app.theme", { theme: t(themeName[theme]) })}</DropdownMenu.Item>
            <DropdownMenu.Item className={styles.item} onSelect={() => navigate("/settings")}>{t("app.settings")}</DropdownMenu.Item>
            <DropdownMenu.Item className={styles.item} onSelect={() => void signOut()}>{t("app.signOut")}</DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {importing !== undefined && <ImportDialog text={importing} onDone={() => setImporting(undefined)} />}
      {deleting && <DeleteDialog flow={flow} onDone={() => setDeleting(false)} />}
    </>
  );
}
