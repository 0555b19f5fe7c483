import type { UseQueryResult } from "@tanstack/react-query";
import { useText } from "../api/words";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { TextInput } from "../ds/TextInput";
import { t } from "../words";
import { asFailure, type Found, type Picked, type Project, useFind } from "./connect";
import styles from "./Connect.module.css";

type Finding = UseQueryResult<Found>;

/** usePicked is what was chosen, or is likely meant where nothing was. */
export function usePicked(p: Project, chosen: Partial<Picked>) {
  const collections = useFind(p, "collections");
  const users = chosen.users ?? collections.data?.likely ?? "";
  const fields = useFind(p, "fields", users);
  const dimensions = useFind(p, "dimensions");
  const datasets = useFind(p, "datasets");
  const zone = useFind(p, "zone");
  const second = collections.data?.second ?? "";
  const picked: Picked = {
    users, users_key: chosen.users_key ?? fields.data?.likely ?? "", meetings: chosen.meetings ?? (second === users ? "" : second),
    dimension: chosen.dimension ?? dimensions.data?.likely ?? "", dataset: chosen.dataset ?? p.dataset, zone: chosen.zone ?? zone.data?.likely ?? "", at: chosen.at ?? "06:00",
  };
  const ready = (Object.keys(picked) as (keyof Picked)[]).every((k) => k === "meetings" || picked[k] !== "");
  return { picked, ready, found: { collections, fields, dimensions, datasets, zone } };
}

export interface ConnectPickersProps {
  project: Project;
  picked: Picked;
  found: ReturnType<typeof usePicked>["found"];
  onPick: (change: Partial<Picked>) => void;
}

/** ConnectPickers let a person choose among what the project has. */
export function ConnectPickers({ project: p, picked, found, onPick }: ConnectPickersProps) {
  const text = useText();
  const zones = Intl.supportedValuesOf("timeZone");
  const theirs = found.zone.data?.likely;
  const options = (q: Finding) => (q.data?.items ?? []).map(({ value, label }) => ({ value, label: label === undefined || label === value ? value : `${value} · ${label}` }));
  const pick = (name: "users" | "users_key" | "meetings" | "dimension" | "dataset", q: Finding, label: string, doc: string, none: string | undefined, given = options(q)) => (
    <Field label={label} doc={q.isFetching && q.data === undefined ? t("connect.looking") : doc} required={name !== "meetings"}
      errors={q.isError ? [text(asFailure(q.error))] : none !== undefined && q.data?.items.length === 0 ? [none] : []}>
      {(ids) => (
        <Select {...ids} value={picked[name]} onChange={(v) => onPick({ [name]: v })} disabled={q.data === undefined}
          options={[...(name === "meetings" ? [{ value: "", label: t("connect.none") }] : picked[name] === "" ? [{ value: "", label: t("connect.choose"), disabled: true }] : []), ...given]} />
      )}
    </Field>
  );
  const there = options(found.datasets);
  const datasets = there.some((o) => o.value === p.dataset) ? there : [{ value: p.dataset, label: t("connect.dataset.new", { dataset: p.dataset }) }, ...there];
  const meetings = options(found.collections).filter((o) => o.value !== picked.users);
  return (
    <>
      <p className={styles.lead}>{t("connect.pick.lead")}</p>
      <div className={styles.fields}>
        {pick("users", found.collections, t("connect.users"), "", t("connect.collections.none"))}
        {pick("users_key", found.fields, t("connect.usersKey"), t("connect.usersKey.doc"), undefined)}
        {pick("dimension", found.dimensions, t("connect.dimension"), t("connect.dimension.doc"), t("connect.dimension.none"))}
        {pick("meetings", found.collections, t("connect.meetings"), t("connect.meetings.doc"), undefined, meetings)}
        {pick("dataset", found.datasets, t("connect.dataset"), "", undefined, datasets)}
        <Field label={t("connect.at")} doc={t("connect.at.doc")} required>
          {(ids) => <TextInput {...ids} type="time" value={picked.at} onChange={(e) => onPick({ at: e.target.value })} />}
        </Field>
        <Field label={t("connect.zone")} required errors={found.zone.isError ? [text(asFailure(found.zone.error))] : []}
          doc={theirs === undefined ? "" : t("connect.zone.doc", { zone: theirs })}
          warnings={theirs !== undefined && picked.zone !== theirs ? [t("connect.zone.differs", { zone: theirs })] : []}>
          {(ids) => <Select {...ids} value={picked.zone} onChange={(v) => onPick({ zone: v })} options={(zones.includes("UTC") ? zones : ["UTC", ...zones]).map((z) => ({ value: z, label: z }))} />}
        </Field>
      </div>
    </>
  );
}
