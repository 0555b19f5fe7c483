/** RunsDrawer is what the bottom drawer shows of a flow's runs. */
export function RunsDrawer({ flow }: { flow: string }) {
  return <section aria-label={flow} />;
}
