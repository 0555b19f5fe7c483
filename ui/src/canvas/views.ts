// Where each group of a flow was looked at last, so that coming back finds it so.
import type { Scene } from "../editor/model/scene";
import { type Box, bounds, fit, type View } from "./geometry";

const kept = new Map<string, View>();

export const boxesOf = (scene: Scene): Box[] => scene.cards.map((c) => ({ x: c.at[0], y: c.at[1], w: c.size[0], h: c.size[1] }));

/** openingView is the view that a group opens with: the one it was left with, or all of it. */
export function openingView(flow: string, scene: Scene, room: { w: number; h: number }): View {
  return kept.get(`${flow} ${scene.group}`) ?? fit(bounds(boxesOf(scene)), room);
}

/** keepView remembers how a group is looked at. */
export const keepView = (flow: string, group: string, view: View): void => void kept.set(`${flow} ${group}`, view);
