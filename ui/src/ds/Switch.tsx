import { Switch as Radix } from "radix-ui";
import styles from "./Switch.module.css";

export interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  id?: string;
  "aria-label"?: string;
  "aria-labelledby"?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: true | undefined;
  "aria-required"?: true | undefined;
}

/** Switch is on or off. */
export function Switch({ checked, onChange, ...rest }: SwitchProps) {
  return (
    <Radix.Root className={styles.track} checked={checked} onCheckedChange={onChange} {...rest}>
      <Radix.Thumb className={styles.thumb} />
    </Radix.Root>
  );
}
