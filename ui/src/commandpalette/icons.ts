import {
  AlignCenterHorizontal, AlignCenterVertical, AlignEndHorizontal, AlignEndVertical, AlignHorizontalSpaceBetween, AlignStartHorizontal, AlignStartVertical, AlignVerticalSpaceBetween,
  ArrowDown, ArrowLeft, ArrowLeftToLine, ArrowRight, ArrowRightToLine, ArrowUp, BadgeCheck, Bell, BoxSelect, Cable, CalendarClock, CircleParking, CircleSlash, ClipboardPaste, Copy, CopyPlus, Download,
  Eraser, FileUp, FolderOpen, FolderOutput, FolderUp, Gauge, GitCommitHorizontal, Grid3x3, Group, History, House, Keyboard, Languages, List, ListTree, type LucideIcon, Maximize, Network, Palette, PanelRight,
  Pencil, Play, Plug, Plus, Redo2, Scissors, ScrollText, Search, SlidersHorizontal, Spline, Square, SquareDashed, StepForward, StickyNote, SunMoon, Tag, ToggleLeft, ToggleRight, Trash2, TriangleAlert,
  Undo2, Ungroup, Unplug, Upload, Waypoints, Workflow, X, ZoomIn, ZoomOut,
} from "lucide-react";

/** icons are those that commands name. */
export const icons: Record<string, LucideIcon> = {
  "align-center-horizontal": AlignCenterHorizontal, "align-center-vertical": AlignCenterVertical, "align-end-horizontal": AlignEndHorizontal, "align-end-vertical": AlignEndVertical,
  "align-horizontal-space-between": AlignHorizontalSpaceBetween, "align-start-horizontal": AlignStartHorizontal, "align-start-vertical": AlignStartVertical, "align-vertical-space-between": AlignVerticalSpaceBetween,
  "arrow-down": ArrowDown, "arrow-left": ArrowLeft, "arrow-left-to-line": ArrowLeftToLine, "arrow-right": ArrowRight, "arrow-right-to-line": ArrowRightToLine, "arrow-up": ArrowUp, "badge-check": BadgeCheck,
  bell: Bell, "box-select": BoxSelect, cable: Cable, "calendar-clock": CalendarClock, "circle-parking": CircleParking, "circle-slash": CircleSlash, "clipboard-paste": ClipboardPaste, copy: Copy, "copy-plus": CopyPlus,
  download: Download, eraser: Eraser, "file-up": FileUp, "folder-open": FolderOpen, "folder-output": FolderOutput, "folder-up": FolderUp, gauge: Gauge, "git-commit-horizontal": GitCommitHorizontal, "grid-3x3": Grid3x3,
  group: Group, history: History, house: House, keyboard: Keyboard, languages: Languages, list: List, "list-tree": ListTree, maximize: Maximize, network: Network, palette: Palette, "panel-right": PanelRight, pencil: Pencil, play: Play,
  plug: Plug, plus: Plus, "redo-2": Redo2, scissors: Scissors, "scroll-text": ScrollText, search: Search, "sliders-horizontal": SlidersHorizontal, spline: Spline, square: Square, "square-dashed": SquareDashed,
  "step-forward": StepForward, "sticky-note": StickyNote, "sun-moon": SunMoon, tag: Tag, "toggle-left": ToggleLeft, "toggle-right": ToggleRight, "trash-2": Trash2, "triangle-alert": TriangleAlert, "undo-2": Undo2,
  ungroup: Ungroup, unplug: Unplug, upload: Upload, waypoints: Waypoints, workflow: Workflow, x: X, "zoom-in": ZoomIn, "zoom-out": ZoomOut,
};
