import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { Route, Switch } from "wouter";
import { call, onSignedOut, signedIn } from "../api/client";
import { t, useLang } from "../words";
import { Home } from "../home/Home";
import { Boundary } from "./Boundary";
import { Login } from "./Login";
import { Missing } from "./Missing";
import { queries } from "./query";
import "./theme";
import styles from "./App.module.css";

const FlowPage = lazy(() => import("./FlowPage").then((m) => ({ default: m.FlowPage })));
const Connect = lazy(() => import("../home/Connect").then((m) => ({ default: m.Connect })));
const Settings = lazy(() => import("../pages/Settings").then((m) => ({ default: m.Settings })));

/** Session tells who is signed in, and what it takes where nobody is. */
export interface Session {
  signed_in: boolean;
  user: string;
  way?: string;
  needs?: "link" | "password" | "";
}

const asked = 3_000;

/** Over lays what is in it over the page, which can be seen but not used. */
function Over({ children }: { children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog?.open === false) dialog.showModal();
  }, []);
  // Escape closes it no more than anything else: the server must know who it is.
  return <dialog ref={ref} className={styles.over} aria-label={t("app.signInAgain")} onCancel={(e) => e.preventDefault()} onKeyDown={(e) => e.key === "Escape" && e.preventDefault()}>{children}</dialog>;
}

/**
 * Pages shows the pages to whom the server knows. Who must sign in again does so
 * over the page, which stays as it is: what is not sent yet goes out then.
 */
function Pages() {
  useLang();
  const session = useQuery({
    queryKey: ["session"], staleTime: Infinity, queryFn: ({ signal }) => call<Session>("GET", "/session", undefined, signal),
    // A link is opened elsewhere, and a server may come back.
    refetchInterval: (q) => (q.state.data?.signed_in === true ? false : asked),
  });
  useEffect(() => onSignedOut(() => void queries.invalidateQueries({ queryKey: ["session"] })), []);
  const known = session.data?.signed_in === true;
  const [was, setWas] = useState(false);
  if (known && !was) setWas(true);
  const away = was && !known;
  useEffect(() => {
    if (!away) return;
    return () => {
      signedIn();
      void queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== "session" });
    };
  }, [away]);
  if (session.isPending) return null;
  const login = <Login session={session.data} onDone={() => void queries.invalidateQueries({ queryKey: ["session"] })} />;
  if (!was && !known) return login;
  return (
    <>
      <div className={styles.pages} inert={away}><Routes /></div>
      {away && <Over>{login}</Over>}
    </>
  );
}

function Routes() {
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/flows/:flow/:page?">{(p) => <FlowPage key={p.flow} flow={p.flow} page={p.page} />}</Route>
        <Route path="/connect" component={Connect} />
        <Route path="/settings/:page?">{(p) => <Settings page={p.page} />}</Route>
        <Route path="/" component={Home} />
        <Route><Missing framed what={t("app.pageNone", { path: location.pathname })} /></Route>
      </Switch>
    </Suspense>
  );
}

/** App is the whole of the pages. */
export function App() {
  return (
    <Boundary whole what={t("app.name")}>
      <QueryClientProvider client={queries}>
        <Pages />
      </QueryClientProvider>
    </Boundary>
  );
}
