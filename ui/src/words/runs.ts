import { words } from "./words";

export const runs = words({
  "runs.title": ["Runs", "실행"],
  "runs.live": ["live {s} s", "실시간 {s}초"],
  "runs.liveWhy": ["Numbers are at most this old. Frames left out for this page: {n}.", "수치는 최대 이만큼 지난 것입니다. 이 화면에서 건너뛴 갱신: {n}."],
  "runs.stale": ["stale {s} s", "{s}초 전 수치"],
  "runs.staleWhy": ["The server is not heard. The numbers are the last ones known; the connection is tried again.", "서버가 응답하지 않습니다. 마지막으로 받은 수치이며, 다시 연결하는 중입니다."],
});
