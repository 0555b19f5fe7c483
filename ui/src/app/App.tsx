import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Route, Switch } from "wouter";
import { call, onSignedOut } from "../api/client";
import { t, useLang } from "../words";
import { Home } from "../home/Home";
import { Boundary } from "./Boundary";
import { Login } from "./Login";
import { Missing } from "./Missing";
import { queries } from "./query";
import "./theme";

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

function Pages() {
  useLang();
  const session = useQuery({ queryKey: ["session"], staleTime: Infinity, queryFn: ({ signal }) => call<Session>("GET", "/session", undefined, signal) });
  useEffect(() => onSignedOut(() => void queries.invalidateQueries({ queryKey: ["session"] })), []);
  if (session.isPending) return null;
  if (session.data?.signed_in !== true) return <Login session={session.data} onDone={() => void queries.invalidateQueries()} />;
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
