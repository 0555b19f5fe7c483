import { Component, type ErrorInfo, type ReactNode } from "react";
import { Broken } from "./Broken";
import { queries } from "./query";

interface Props {
  /** what names the part in a word, such as "Inspector". */
  what: string;
  /** of is what the part shows; another one is tried anew. */
  of?: string;
  /** whole is set for what has nothing round it: there the page is loaded again. */
  whole?: boolean;
  children: ReactNode;
}

interface State {
  error?: unknown;
  stack: string;
  of: string;
  /** tries makes the part anew. */
  tries: number;
}

/** Boundary keeps what breaks in one part of the page from taking the rest with it. */
export class Boundary extends Component<Props, State> {
  override state: State = { stack: "", of: this.props.of ?? "", tries: 0 };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error ?? new Error("nothing was thrown") };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    const of = props.of ?? "";
    return of === state.of ? null : { of, error: undefined, stack: "" };
  }

  override componentDidCatch(_: unknown, info: ErrorInfo): void {
    this.setState({ stack: info.componentStack ?? "" });
  }

  again = (): void => {
    // What the part was shown may be what broke it: it is asked for anew.
    queries.removeQueries({ type: "inactive" });
    this.setState((s) => ({ error: undefined, stack: "", tries: s.tries + 1 }));
  };

  override render(): ReactNode {
    const { error, stack, tries } = this.state;
    if (error !== undefined) return <Broken what={this.props.what} error={error} stack={stack} onAgain={this.props.whole === true ? undefined : this.again} />;
    return <Kept key={tries}>{this.props.children}</Kept>;
  }
}

function Kept({ children }: { children: ReactNode }) {
  return children;
}
