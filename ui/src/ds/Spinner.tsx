import styles from "./Spinner.module.css";

/** Spinner says that something is going on; with a label also to screen readers. */
export function Spinner({ label, size = 14 }: { label?: string; size?: number }) {
  return (
    <span role={label === undefined ? undefined : "status"} aria-label={label} aria-hidden={label === undefined || undefined} className={styles.spinner}>
      <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={2} strokeLinecap="round">
        <circle cx={8} cy={8} r={6} opacity={0.25} />
        <path d="M8 2a6 6 0 0 1 6 6" className={styles.arc} />
      </svg>
    </span>
  );
}
