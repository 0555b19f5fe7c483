import { Maximize2, Minimize2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { FieldIds } from "../ds/Field";
import type { Property } from "../api/kinds";
import { IconButton } from "../ds/IconButton";
import { CommitArea } from "../ds/TextInput";
import { t } from "../words";
import { useForm } from "./form";
import styles from "./form.module.css";
import { hintOf } from "./TextControl";

const CodeEditor = lazy(() => import("./CodeEditor"));

const languageOf = (p: Property): "sql" | "json" | "plain" => (/sql/i.test(p.key) ? "sql" : /json|schema/i.test(p.key) ? "json" : "plain");

/** CodeControl is a text of many lines; until its editor has come it is plain. */
export function CodeControl({ property, text, onText, ids }: { property: Property; text: string; onText: (text: string) => void; ids: FieldIds }) {
  const { known } = useForm();
  const [large, setLarge] = useState(false);
  return (
    <div className={styles.code} data-large={large || undefined} data-invalid={ids["aria-invalid"]}>
      <div className={styles.editor}>
        <Suspense fallback={<CommitArea {...ids} value={text} onCommit={onText} mono rows={8} />}>
          <CodeEditor value={text} onCommit={onText} language={languageOf(property)} label={property.label} description={property.doc} invalid={ids["aria-invalid"]} placeholder={hintOf(property)} parameters={known.parameters.map((p) => p.value)} />
        </Suspense>
      </div>
      <IconButton className={styles.enlarge} aria-pressed={large} label={t(large ? "inspector.shrink" : "inspector.enlarge")} onClick={() => setLarge(!large)}>
        {large ? <Minimize2 size={14} aria-hidden="true" /> : <Maximize2 size={14} aria-hidden="true" />}
      </IconButton>
    </div>
  );
}
