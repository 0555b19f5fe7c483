import { Copy, Download, Languages, LogOut, MoreHorizontal, Settings, SunMoon, Trash2, Upload } from "lucide-react";
import { useLocation } from "wouter";
import { call, path } from "../api/client";
import { IconButton } from "../ds/IconButton";
import { Menu } from "../ds/Menu";
import { useEditor } from "../editor/context";
import { pickFile } from "../lib/pick";
import { lang, speak, t } from "../words";
import { useAsks } from "./asking";
import { duplicateFlow, exportFlow } from "./deeds";
import { nextTheme, useTheme } from "./theme";

const themeName = { system: "app.themeSystem", light: "app.themeLight", dark: "app.themeDark" } as const;

/** FlowMenu holds what is done to a whole flow, and how the pages look. */
export function FlowMenu({ flow }: { flow: string }) {
  const [theme, setTheme] = useTheme();
  const [, navigate] = useLocation();
  const editor = useEditor();
  const open = useAsks((a) => a.open);
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
          { id: "export", label: t("app.export"), icon: icon(Download), onSelect: () => void exportFlow(flow, editor) },
          { id: "import", label: t("app.import"), icon: icon(Upload), onSelect: () => pickFile((text) => open({ what: "import", text })) },
          { id: "duplicate", label: t("app.duplicate"), icon: icon(Copy), onSelect: () => void duplicateFlow(flow).then((id) => navigate(path(["flows", id]))) },
          { id: "delete", label: t("app.delete"), icon: icon(Trash2), danger: true, onSelect: () => open({ what: "delete" }) },
          "-",
          { id: "language", label: t("app.language"), icon: icon(Languages), onSelect: () => speak(lang() === "ko" ? "en" : "ko") },
          { id: "theme", label: t("app.theme", { theme: t(themeName[theme]) }), icon: icon(SunMoon), onSelect: () => setTheme(nextTheme(theme)) },
          { id: "settings", label: t("app.settings"), icon: icon(Settings), onSelect: () => navigate("/settings") },
          { id: "out", label: t("app.signOut"), icon: icon(LogOut), onSelect: () => void signOut() },
        ]}
      />
    </>
  );
}
