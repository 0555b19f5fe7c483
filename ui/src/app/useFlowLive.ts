import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { onSignedIn } from "../api/client";
import type { ServerFrame } from "../api/wire";
import type { Editor } from "../editor/store";
import { usePlace } from "../lib/place";
import { useFrames, useWatch } from "../live/hooks";
import { connectLive } from "../live/socket";
import { clientId } from "./clientId";

type Frame<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;

/** useFlowLive keeps the open flow in step with what the server tells of it. */
export function useFlowLive(flow: string, editor: Editor | undefined): void {
  const queries = useQueryClient();
  const [place] = usePlace();
  useWatch(flow, place.run);
  // Others see who has what open.
  useEffect(() => connectLive().open(flow, place.open, clientId()), [flow, place.open]);
  // Signed in again, the page goes on where it was.
  useEffect(() => onSignedIn(() => {
    editor?.hurry();
    void editor?.catchUp();
    connectLive().hurry();
  }), [editor]);
  useFrames("edit", useCallback((f: Frame<"edit">) => {
    if (f.flow === flow) editor?.receive(f.edit);
  }, [flow, editor]));
  // What was said while the socket was down is read anew once it is up.
  useFrames("hello", useCallback(() => void editor?.catchUp(), [editor]));
  useFrames("published", useCallback((f: Frame<"published">) => {
    if (f.flow !== flow) return;
    editor?.store.setState({ version: f.version });
    void queries.invalidateQueries({ queryKey: ["flows"] });
    void queries.invalidateQueries({ queryKey: ["versions", flow] });
  }, [flow, editor, queries]));
  useFrames("flow", useCallback(() => void queries.invalidateQueries({ queryKey: ["flows"] }), [queries]));
}
