import { Background, type EdgeTypes, type NodeTypes, ReactFlow, SelectionMode, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { KindMap } from "../api/kinds";
import { useDraft, useEditor } from "../editor/context";
import type { Context } from "../editor/commands/command";
import type { Scene } from "../editor/model/scene";
import { t } from "../words";
import { clearBoard, useBoard } from "./board";
import styles from "./Canvas.module.css";
import { Controls } from "./Controls";
import { Deeds } from "./deeds";
import type { CardNode, WireEdge } from "./faces";
import { FrameContext } from "./frame";
import { maxZoom, minZoom, overviewBelow, pillsBelow, snap } from "./geometry";
import { useLens } from "./lens";
import { NodeCard } from "./NodeCard";
import { MiniMap } from "./Overview";
import { OverviewLayer } from "./OverviewLayer";
import { Questions } from "./Questions";
import { FunnelShape, GroupCard, LabelNote, PortShape } from "./Shapes";
import { useAlt, useStale } from "./signs";
import { Speech } from "./Speech";
import { useChain } from "./useChain";
import { useDrops } from "./useDrops";
import { useFaces } from "./useFaces";
import { useFollow } from "./useFollow";
import { useFrameOf } from "./useFrameOf";
import { useHands } from "./useHands";
import { useKeys } from "./useKeys";
import { usePointer } from "./usePointer";
import { useReveal } from "./useReveal";
import { useSketch } from "./useSketch";
import { useWires } from "./useWires";
import { keepView, openingView } from "./views";
import { NewWire, Wire } from "./Wire";
import { WireTip } from "./WireTip";

const nodeTypes: NodeTypes = { node: NodeCard, group: GroupCard, port: PortShape, funnel: FunnelShape, label: LabelNote };
const edgeTypes: EdgeTypes = { wire: Wire };
// React Flow is named on the sheet of keys, not on the canvas.
const credited = { hideAttribution: true };
// The canvas around it is the application that the keys are for.
const plain = (el: HTMLDivElement | null): void => el?.setAttribute("role", "presentation");
const many = ["Shift", "Meta", "Control"];

interface StageProps {
  flow: string;
  scene: Scene;
  kinds: KindMap;
  room: { w: number; h: number };
  commands?: Context | undefined;
  onImport?: ((text: string) => void) | undefined;
}

/** Stage is the canvas of one group: cards, or the overview, and all that is done there. */
export function Stage({ flow, scene, kinds, room, commands, onImport }: StageProps) {
  const editor = useEditor();
  const rf = useReactFlow<CardNode, WireEdge>();
  const root = useRef<HTMLDivElement>(null);
  const now = useRef(scene);
  now.current = scene;
  const [first] = useState(() => openingView(flow, scene, room));
  const [zoom, setZoom] = useState({ overview: first.zoom < overviewBelow, far: first.zoom < pillsBelow });
  const selection = useDraft((s) => s.selection);
  const selecting = useBoard((b) => b.selecting);
  const active = useBoard((b) => scene.byId.has(b.active));
  const keyed = useBoard((b) => b.keys);
  const hoverWire = useBoard((b) => b.hoverWire);
  const lens = useLens((l) => l.on);
  const deeds = useMemo(() => new Deeds(editor, kinds, () => now.current), [editor, kinds]);
  const faces = useFaces(scene, selection, zoom.overview, editor, deeds);
  const sketch = useSketch(scene);
  const view = useReveal(flow, rf, room, now, first);
  const frame = useFrameOf({ flow, kinds, now, rf });
  const pointer = usePointer({ rf, root, now, sketch, deeds, editor, overview: zoom.overview, view });
  const wires = useWires(deeds, pointer.places);
  const drops = useDrops({ deeds, pointer, now, onImport });
  const keys = useKeys(pointer.keyDeeds);
  const alt = useAlt();
  const stale = useStale();
  useChain(flow, lens);
  useHands(view, pointer, editor);
  useFollow(root);
  useEffect(() => clearBoard, []);
  const onMove = useCallback((by: unknown, v: { zoom: number; x: number; y: number }) => {
    const next = { overview: v.zoom < overviewBelow, far: v.zoom < pillsBelow };
    setZoom((was) => (was.overview === next.overview && was.far === next.far ? was : next));
    if (by !== null) view.moved();
    keepView(flow, now.current.group, v);
  }, [flow, view]);
  const classes = [styles.canvas, zoom.far ? styles.far : "", stale ? styles.stale : "", lens ? styles.lens : "", selecting ? styles.selecting : ""].join(" ");
  return (
    <FrameContext value={frame}>
      <div ref={root} className={classes} tabIndex={0} role="application" aria-label={t("canvas.of", { flow, nodes: scene.cards.length })} aria-activedescendant={active ? "canvas-active" : undefined}
        data-canvas-ready="" data-keys={keyed ? "on" : "off"} data-mode={zoom.overview ? "overview" : "cards"} onKeyDown={keys} onPointerDown={pointer.onPointerDown} onPointerMove={pointer.onPointerMove} onPointerLeave={pointer.onPointerLeave} onBlur={pointer.onBlur} onDoubleClick={pointer.onDoubleClick} {...drops.handlers}>
        <Speech flow={flow} scene={scene} />
        <ReactFlow<CardNode, WireEdge> ref={plain} nodes={faces.nodes} edges={faces.edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} defaultViewport={first} width={room.w} height={room.h}
          onlyRenderVisibleElements minZoom={minZoom} maxZoom={maxZoom} nodesFocusable={false} edgesFocusable={false} disableKeyboardA11y deleteKeyCode={null} panActivationKeyCode={null}
          selectionKeyCode="Shift" multiSelectionKeyCode={many} selectionOnDrag={selecting} panOnDrag={selecting ? [1, 2] : true} selectionMode={SelectionMode.Partial} zoomOnDoubleClick={false}
          snapToGrid={!alt} snapGrid={[snap, snap]} nodeDragThreshold={3} connectionRadius={28} reconnectRadius={12} connectOnClick={false} edgesReconnectable elevateNodesOnSelect={false}
          proOptions={credited} connectionLineComponent={NewWire}
          onNodesChange={faces.onNodesChange} onEdgesChange={faces.onEdgesChange} onNodeDragStop={faces.onDragStop} onSelectionDragStop={faces.onDragStop} onMove={onMove}
          onNodeClick={pointer.onNodeClick} onNodeDoubleClick={pointer.onNodeDoubleClick} onNodeContextMenu={pointer.onNodeMenu} onSelectionContextMenu={pointer.onSelectionMenu}
          onEdgeClick={pointer.onEdgeClick} onEdgeContextMenu={pointer.onEdgeMenu} onEdgeMouseEnter={pointer.onEdgeEnter} onEdgeMouseLeave={pointer.onEdgeLeave}
          onPaneClick={pointer.onPaneClick} onPaneContextMenu={pointer.onPaneMenu} onPaneMouseMove={pointer.onPaneMove} onSelectionEnd={pointer.onLassoEnd} {...wires}>
          <Background gap={24} size={1.4} color="var(--grid)" />
          {hoverWire !== "" && !zoom.overview && <WireTip id={hoverWire} onStay={pointer.onEdgeStay} onLeave={pointer.onEdgeLeave} />}
        </ReactFlow>
        {zoom.overview && <OverviewLayer flow={flow} sketch={sketch} selection={selection} lens={lens} />}
        {scene.cards.length === 0 && (
          <div className={styles.empty}>
            <h2>{t("canvas.empty")}</h2>
            <p>{t("canvas.emptyHint")}</p>
          </div>
        )}
        <MiniMap flow={flow} sketch={sketch} label={t("canvas.minimap")} onGo={view.centre} />
        <Controls onZoom={view.zoomBy} onFit={view.fitAll} />
        {drops.over && <div className={styles.drop}>{t("canvas.dropImport")}</div>}
        <Questions kinds={kinds} deeds={deeds} room={room} scene={scene} root={root} view={view} commands={commands} />
      </div>
    </FrameContext>
  );
}
