import { QueryClient } from "@tanstack/react-query";
import { Failure } from "../api/client";

/** queries holds the server's answers. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: (n, e) => n < 2 && e instanceof Failure && (e.status === 0 || e.status >= 500), refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
