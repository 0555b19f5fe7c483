import { useQueryClient } from "@tanstack/react-query";
import { Copy, Download, Languages, LogOut, MoreHorizontal, Settings, SunMoon, Trash2, Upload } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { call, path } from "../api/client";
import { IconButton } from "../ds/IconButton";
import { Menu } from "../ds/Menu";
import { useEditor } from "../editor/context";
import { ImportDialog } from "../flowfile/ImportDialog";
import { pickFile } from "../lib/pick";
import { lang, speak, t } from "../words";
import { DeleteDialog } from "./DeleteDialog";
import { useTheme } from "./theme";

const nextTheme = { system: "light", light: "dark", dark: "system" } as const;
const themeName = { system: "app.themeSystem", light: "app.themeLight", dark: "app.themeDark" } as const;

/** FlowMenu holds what is done to a whole flow, and how the pages look. */
export function FlowMenu({ flow }: { flow: string }) {
  const [theme, setTheme] = useTheme();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const editor = useEditor();
  const [importing, setImporting] = useState<string>();
  const [deleting, setDeleting] = useState(false);
  const download = async () => {
    await editor.idle();
    const a = document.createElement("a");
    a.href = `/api/v1${path(["flows", flow, "file"], { draft: true })}`;
    a.download = `${flow}.json`;
    a.click();
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
  const icon = (Icon: typeof Copy) => <Icon size={15} />;
  return (
    <>
      <Menu
        label={t("app.menu")}
        trigger={<IconButton label={t("app.menu")}><MoreHorizontal size={18} aria-hidden="true" /></IconButton>}
        items={[
          { id: "export", label: t("app.export"), icon: icon(Download), onSelect: () => void download() },
          { id: "import", label: t("app.import"), icon: icon(Upload), onSelect: () => pickFile((text) => setImporting(text)) },
          { id: "duplicate", label: t("app.duplicate"), icon: icon(Copy), onSelect: () => void duplicate() },
          { id: "delete", label: t("app.delete"), icon: icon(Trash2), danger: true, onSelect: () => setDeleting(true) },
          "-",
          { id: "language", label: t("app.language"), icon: icon(Languages), onSelect: () => speak(lang() === "ko" ? "en" : "ko") },
          { id: "theme", label: t("app.theme", { theme: t(themeName[theme]) }), icon: icon(SunMoon), onSelect: () => setTheme(nextTheme[theme]) },
          { id: "settings", label: t("app.settings"), icon: icon(Settings), onSelect: () => navigate("/settings") },
          { id: "out", label: t("app.signOut"), icon: icon(LogOut), onSelect: () => void signOut() },
        ]}
      />
      {importing !== undefined && <ImportDialog text={importing} onDone={() => setImporting(undefined)} />}
      {deleting && <DeleteDialog flow={flow} onDone={() => setDeleting(false)} />}
    </>
  );
}
