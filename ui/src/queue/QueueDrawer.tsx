/** QueueDrawer is what the bottom drawer shows of a flow's queue. */
export function QueueDrawer({ flow }: { flow: string }) {
  return <section aria-label={flow} />;
}
